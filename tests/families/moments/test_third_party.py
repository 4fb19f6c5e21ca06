"""A third-party app with ids of its own: tags and customers are translated."""

from tests.conftest import RunningServer
from tests.families.moments.shop import CUSTOMERS, RESULT, SENT, Shop, frozen, shop
from tests.providers import Provider

__all__ = ["frozen", "shop"]

FINISH = "service/externalcontact/finish_external_userid_migration"


def test_tags_and_customers_have_the_providers_ids(shop: Shop, frozen: RunningServer) -> None:
    tag = shop.tag(CUSTOMERS[0])
    provider = Provider(frozen)
    app = provider.app_in(shop.corp)
    (item,) = app.post("idconvert/external_tagid", external_tagid_list=[tag])["items"]
    finished = provider.call(FINISH, token=provider.provider_token(), corpid=shop.corp.corpid)
    assert finished["errcode"] == 0, finished
    tags = [item["open_external_tagid"], "etNobody"]
    jobid = shop.add(app, visible_range={"external_contact_list": {"tag_list": tags}})
    shop.wait(2)
    result = app.get(RESULT, jobid=jobid)["result"]
    assert result["invalid_external_contact_list"] == {"tag_list": ["etNobody"]}
    shop.publish(result["moment_id"])
    reply = app.post(SENT, moment_id=result["moment_id"], userid="zhangsan")
    (customer,) = [row["external_userid"] for row in reply["customer_list"]]
    assert shop.sent(result["moment_id"]) == [CUSTOMERS[0]]
    assert customer != CUSTOMERS[0]
