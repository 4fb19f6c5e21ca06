"""wecom-crm-mcp 0.1.0, unmodified, used as an SDK."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from wecom_crm_mcp import WecomAPIError, WecomAuthError, WecomClient, WecomConfig
from wecom_crm_mcp.modules.customer import CustomerModule
from wecom_crm_mcp.modules.moment import MomentModule
from wecom_crm_mcp.modules.tag import TagModule

from tests.conftest import Corp, RunningServer
from tests.families.factories import act

Work = Callable[[WecomClient], Awaitable[Any]]
Run = Callable[[Work], Any]


def config_of(corp: Corp, folder: Path, secret: str | None = None) -> WecomConfig:
    return WecomConfig(
        corpid=corp.corpid,
        corpsecret=secret or corp.apps[0]["secret"],
        base_url=corp.server.base_url,
        cache_dir=str(folder),
    )


def in_its_loop(config: WecomConfig, work: Work) -> Any:
    async def whole() -> Any:
        async with WecomClient(config) as client:
            return await work(client)

    return asyncio.run(whole())


@pytest.fixture
def run(corp: Corp, tmp_path: Path) -> Run:
    """Runs `work` with a client of the first app; the SDK caches the token on disk."""
    return lambda work: in_its_loop(config_of(corp, tmp_path), work)


def test_it_fetches_its_token_once_and_reuses_it_from_disk(corp: Corp, run: Run) -> None:
    first = run(lambda client: client.get_access_token())
    assert run(lambda client: client.get_access_token()) == first
    assert len(corp.sim("calls", path="/cgi-bin/gettoken")["calls"]) == 1


def test_it_fetches_a_new_token_when_the_old_one_has_expired(start_server: Any, tmp_path: Path) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")

    async def work(client: WecomClient) -> None:
        customers = CustomerModule(client)
        await customers.list_followers()
        first = await client.get_access_token()
        assert server.sim.post("/clock", json={"advance_seconds": 7_300}).status_code == 200
        listed = await customers.list("zhangsan")
        assert listed["external_userid"]
        assert await client.get_access_token() != first

    in_its_loop(config_of(corp, tmp_path), work)
    assert len(corp.sim("calls", errcode=42001)["calls"]) == 1


def test_a_wrong_secret_raises_the_sdks_exception(corp: Corp, tmp_path: Path) -> None:
    with pytest.raises(WecomAuthError, match="errcode=40001"):
        in_its_loop(config_of(corp, tmp_path, "wrong"), lambda client: client.get_access_token())


def test_a_refused_call_raises_the_sdks_exception(run: Run) -> None:
    with pytest.raises(WecomAPIError) as caught:
        run(lambda client: CustomerModule(client).list("nobody"))
    assert caught.value.errcode == 40003
    assert caught.value.errmsg.startswith("invalid userid, hint: [")
    assert caught.value.endpoint == "/cgi-bin/externalcontact/list"


def test_it_reads_every_customer_of_the_corp(run: Run) -> None:
    async def work(client: WecomClient) -> int:
        customers = CustomerModule(client)
        seen = 0
        for userid in (await customers.list_followers())["follow_user"]:
            for customer in (await customers.list(userid))["external_userid"]:
                shown = await customers.get(customer)
                assert shown["external_contact"]["external_userid"] == customer
                assert userid in [follower["userid"] for follower in shown["follow_user"]]
                seen += 1
        return seen

    assert run(work) >= 40


def test_it_reads_all_pages_of_a_batch(run: Run) -> None:
    async def work(client: WecomClient) -> None:
        customers = CustomerModule(client)
        members = ["zhangsan", "lisi", "wangwu"]
        seen: list[tuple[str, str]] = []
        cursor, pages = "", 0
        while True:
            page = await customers.batch_get(members, cursor=cursor, limit=4)
            pages += 1
            seen += [
                (entry["follow_info"]["userid"], entry["external_contact"]["external_userid"])
                for entry in page["external_contact_list"]
            ]
            cursor = page["next_cursor"]
            if not cursor:
                break
        expected = []
        for userid in members:
            listed = (await customers.list(userid))["external_userid"]
            expected += [(userid, customer) for customer in listed]
        assert seen == expected
        assert pages == -(-len(expected) // 4)

    run(work)


def test_it_remarks_a_customer(run: Run) -> None:
    async def work(client: WecomClient) -> None:
        customers = CustomerModule(client)
        customer = (await customers.list("zhangsan"))["external_userid"][0]
        await customers.remark(
            "zhangsan", customer, remark="李部长", description="对接采购事务", remark_mobiles=["13800000001"]
        )
        await customers.remark("zhangsan", customer, description="")
        followers = (await customers.get(customer))["follow_user"]
        (follower,) = [follower for follower in followers if follower["userid"] == "zhangsan"]
        assert (follower["remark"], follower["description"]) == ("李部长", "")
        assert follower["remark_mobiles"] == ["13800000001"]
        with pytest.raises(WecomAPIError) as caught:
            await customers.remark("zhangsan", customer)
        assert caught.value.errcode == 40063

    run(work)


def test_it_creates_edits_marks_and_deletes_tags(run: Run) -> None:
    async def work(client: WecomClient) -> None:
        customers, tags = CustomerModule(client), TagModule(client)
        before = (await tags.list_corp_tags())["tag_group"]
        made = await tags.add_corp_tag(group_name="等级", order=3, tag=[{"name": "金"}, {"name": "银"}])
        group_id = made["tag_group"]["group_id"]
        gold, silver = (tag["id"] for tag in made["tag_group"]["tag"])
        await tags.add_corp_tag(group_id=group_id, tag=[{"name": "铜", "order": 9}], agentid=1000002)
        await tags.edit_corp_tag(gold, name="铂金", order=10)
        (group,) = (await tags.list_corp_tags(group_id=[group_id]))["tag_group"]
        assert [tag["name"] for tag in group["tag"]] == ["铂金", "铜", "银"]
        customer = (await customers.list("zhangsan"))["external_userid"][0]
        await tags.mark_tag("zhangsan", customer, add_tag=[gold, silver])
        await tags.mark_tag("zhangsan", customer, remove_tag=[silver])
        (entry, *_) = (await customers.batch_get(["zhangsan"], limit=1))["external_contact_list"]
        assert gold in entry["follow_info"]["tag_id"]
        assert silver not in entry["follow_info"]["tag_id"]
        await tags.del_corp_tag(tag_id=[gold])
        assert (await tags.list_corp_tags(tag_id=[gold]))["tag_group"][0]["tag"][0]["deleted"] is True
        (entry, *_) = (await customers.batch_get(["zhangsan"], limit=1))["external_contact_list"]
        assert gold not in entry["follow_info"]["tag_id"]
        await tags.del_corp_tag(group_id=[group_id])
        assert (await tags.list_corp_tags())["tag_group"] == before

    run(work)


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"group_name": "等级", "tag": []}, 41018),
        ({"tag": [{"name": "金"}]}, 41018),
        ({"group_id": "etNobody", "tag": [{"name": "金"}]}, 40068),
        ({"group_name": "等级", "tag": [{"name": "字" * 31}]}, 40058),
    ],
)
def test_tag_refusals_keep_their_errcodes(run: Run, fields: dict[str, Any], errcode: int) -> None:
    with pytest.raises(WecomAPIError) as caught:
        run(lambda client: TagModule(client).add_corp_tag(**fields))
    assert caught.value.errcode == errcode


def test_it_has_a_moment_published_and_stops_it(start_server: Any, tmp_path: Path) -> None:
    server: RunningServer = start_server()
    now = server.sim.post("/clock", json={"freeze": True}).json()["now"]
    corp = server.make_corp(seed="demo")

    async def work(client: WecomClient) -> None:
        moments = MomentModule(client)
        range_ = {"sender_list": {"user_list": ["zhangsan", "lisi"]}}
        made = await moments.add_moment_task({"content": "新茶到店"}, visible_range=range_)
        assert (await moments.get_moment_task_result(made["jobid"]))["status"] == 1
        server.sim.post("/clock", json={"advance_seconds": 2})
        moment_id = (await moments.get_moment_task_result(made["jobid"]))["result"]["moment_id"]
        act(corp, "member_publishes_moment", userid="zhangsan", moment_id=moment_id)
        await moments.cancel_moment_task(moment_id)
        (moment,) = (await moments.get_moment_list(now - 1, now + 100, filter_type=0))["moment_list"]
        assert moment["moment_id"] == moment_id
        tasks = (await moments.get_moment_task(moment_id, limit=10))["task_list"]
        assert tasks == [
            {"userid": "lisi", "publish_status": 0},
            {"userid": "zhangsan", "publish_status": 1},
        ]
        assert (await moments.get_moment_customer_list(moment_id, "zhangsan"))["customer_list"] == []
        with pytest.raises(WecomAPIError) as caught:
            await moments.get_moment_customer_list(moment_id, "lisi")
        assert caught.value.errcode == 41062

    in_its_loop(config_of(corp, tmp_path), work)
