"""The history of a server of 0.1, over three days in two months, until its database is saved."""

from datetime import datetime
from typing import Any

from tests.upgrade import shop as of_shop
from tests.upgrade.talking import Corp, Ear, Talk

BARRED = 701063
LAST_MOMENT = "2026-04-02T14:00:00"


def live(talk: Talk, ears: list[Ear]) -> dict[str, Any]:
    """All of it; what the test must know of it afterwards: corps with tokens, and names of things.

    The receivers stay in `ears`, to be closed by the caller.
    """
    talk.set_clock("2026-03-30T09:00:00")
    shop = Corp(talk, talk.sim("POST", "/corps", {"name": "奶茶店", "seed": "demo", "follow_ups": 10}))
    barred = Corp(talk, talk.sim("POST", "/corps", {"name": "欠费店", "seed": "demo", "customers": 12}))
    closed = Corp(talk, talk.sim("POST", "/corps", {"name": "已关的店", "seed": "demo", "customers": 6}))
    for corp in (shop, barred, closed):
        corp.log_in()
    provider = talk.sim("POST", "/providers", {"name": "连锁软件"})
    good = _listening(shop, shop.apps[0], ears)
    named: dict[str, Any] = {}

    of_shop.directory(shop)
    named |= of_shop.customers(shop)
    _hour_later(talk, "2026-03-30T10:10:00", shop, barred, closed)
    named |= of_shop.groups(shop, named["customer"])
    named |= of_shop.ways_and_links(shop, _unix("2026-04-06T09:00:00"))
    named |= of_shop.documents(shop)
    named["went_over"] = _hand_over(shop)
    _hour_later(talk, "2026-03-30T11:20:00", shop, barred, closed)
    next_time = _unix("2026-04-03T09:00:00")
    named |= of_shop.follow_ups(shop, named["customer"], next_time)
    named |= of_shop.rules_and_albums(shop)
    _provider(talk, provider, shop, closed)
    _ids(talk, provider, shop, barred)
    shop.wait_until(lambda: not shop.callbacks(state="waiting"))

    _hour_later(talk, "2026-03-31T18:00:00", shop, barred, closed)
    talk.sim("PUT", f"{barred.path}/budget", {"amount": "0.20", "alerts": [50, 90], "barrier": "hard"})
    talk.sim("PUT", f"{shop.path}/latency", {"profile": {"threshold": 5000, "base_ms": 1}})
    talk.sim("PUT", f"{shop.path}/contact_scale", {"limit": 500})
    _reverse(talk, shop)
    closed.ok_get("externalcontact/list", userid="zhangsan")

    _hour_later(talk, "2026-04-01T09:00:00", shop, barred, closed)
    talk.sim("DELETE", closed.path)
    _hour_later(talk, "2026-04-01T10:30:00", shop, barred)
    _failing(shop, ears)
    _spend_all(barred)
    _spend_half(talk, shop)

    _hour_later(talk, "2026-04-02T10:00:00", shop)
    named["on_its_way"] = _hand_over(shop)
    named["left_behind"] = _customer_of_resigned(shop)
    talk.set_clock(LAST_MOMENT)
    _waiting(shop, good, ears)
    _delayed(barred, ears)
    return {
        "corps": {
            name: {"corpid": corp.corpid, "apps": corp.apps, "token": corp.log_in()}
            for name, corp in (("shop", shop), ("barred", barred))
        },
        "closed": closed.corpid,
        "provider": provider,
        "named": named,
    }


def _unix(at: str) -> int:
    return int(datetime.fromisoformat(f"{at}+08:00").timestamp())


def _hour_later(talk: Talk, at: str, *corps: Corp) -> None:
    """Sets the clock; each corp fetches a new token and makes a few reads."""
    talk.set_clock(at)
    for corp in corps:
        corp.log_in()
        customers = corp.ok_get("externalcontact/list", userid="zhangsan")["external_userid"]
        corp.ok_get("externalcontact/get", external_userid=customers[0])
        corp.ok_get("externalcontact/get_follow_user_list")
    talk.get("gettoken", corpid="ww0", corpsecret="wrong")


def _listening(corp: Corp, app: dict[str, Any], ears: list[Ear]) -> Ear:
    ears.append(Ear(corp.corpid, app))
    ears[-1].listen(corp)
    return ears[-1]


def _hand_over(shop: Corp) -> str:
    """A customer of only zhangsan who is transferred to lisi in a day."""
    customer = str(shop.act("member_adds_customer", userid="zhangsan", name="转给李四")["external_userid"])
    pair = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    reply = shop.ok("externalcontact/transfer_customer", **pair, external_userid=[customer])
    assert reply["customer"][0]["errcode"] == 0, reply
    return customer


def _customer_of_resigned(shop: Corp) -> str:
    """A customer of a resigned member with a pending transfer to lisi."""
    customer = str(shop.act("member_adds_customer", userid=of_shop.LEAVER, name="陈七的")["external_userid"])
    shop.act("member_leaves_corp", userid=of_shop.LEAVER)
    pair = {"handover_userid": of_shop.LEAVER, "takeover_userid": "lisi"}
    reply = shop.ok("externalcontact/resigned/transfer_customer", **pair, external_userid=[customer])
    assert reply["customer"][0]["errcode"] == 0, reply
    return customer


def _provider(talk: Talk, provider: dict[str, str], *corps: Corp) -> None:
    """Apps of the provider in the corps; in the first they need licences, one of which soon expires."""
    keys = {name: provider[name] for name in ("suite_id", "suite_secret")}
    ticket = talk.sim("GET", f"/providers/{provider['provider_id']}")["suite_ticket"]
    suite = talk.call("service/get_suite_token", **keys, suite_ticket=ticket)["suite_access_token"]
    app_of_it = {"name": "会员通", "kind": "third_party", "provider_id": provider["provider_id"]}
    apps = [corp.new_app(**app_of_it) for corp in corps]
    shop = corps[0]
    year = {"userid": "zhangsan", "type": "interop", "months": 12}
    soon = {"userid": "lisi", "type": "base", "expires_at": "2026-04-10T00:00:00+08:00"}
    licences = {"enforced": True, "accounts": [year, soon]}
    talk.sim("PUT", f"{shop.path}/licences/{provider['provider_id']}", licences)
    for corp, app in zip(corps, apps, strict=True):
        body = {"auth_corpid": corp.corpid, "permanent_code": app["secret"]}
        token = str(talk.call("service/get_corp_token", suite, "suite_access_token", **body)["access_token"])
        listed = talk.get("externalcontact/list", token, userid="zhangsan")
        assert listed["errcode"] == 0, listed


def _ids(talk: Talk, provider: dict[str, str], shop: Corp, other: Corp) -> None:
    """Converted ids: pending and temporary ids, those of mini-programs and of groups of corps."""
    person = shop.act("person_opens_mini_program")
    talk.sim(
        "POST",
        f"{shop.path}/corp_groups",
        {"name": "经销商", "corps": [other.corpid], "agentids": [shop.apps[0]["agentid"]]},
    )
    other.act("member_adds_customer", userid="zhangsan", unionid=person["unionid"])
    asked = {"unionid": person["unionid"], "openid": person["openid"]}
    shop.ok("corpgroup/unionid_to_external_userid", **asked)
    customer = shop.ok_get("externalcontact/list", userid="lisi")["external_userid"][0]
    shop.act(
        "outsider_takes_part",
        business="meeting",
        agentid=shop.apps[0]["agentid"],
        external_userid=customer,
    )
    developed = shop.new_app(name="代开发", kind="provider_developed", provider_id=provider["provider_id"])
    token = shop.log_in(developed)
    talk.call("idconvert/batch/external_userid_to_pending_id", token, external_userid=[customer])
    talk.call("externalcontact/get_new_external_userid", token, external_userid_list=[customer])
    talk.call("idconvert/unionid_to_external_userid", token, **asked, subject_type=0)
    keys = {"corpid": provider["provider_id"], "provider_secret": provider["provider_secret"]}
    granted = talk.call("service/get_provider_token", **keys)["provider_access_token"]
    finish = "service/externalcontact/finish_external_userid_migration"
    reply = talk.call(finish, granted, "provider_access_token", corpid=shop.corpid)
    assert reply["errcode"] == 0, reply


def _reverse(talk: Talk, shop: Corp) -> None:
    (record,) = shop.sim("ledger", meter="customer.read", limit=1)["records"]
    talk.sim("POST", f"{shop.path}/ledger/{record['id']}/reverse", {"reason": "booked by mistake"})


def _failing(shop: Corp, ears: list[Ear]) -> None:
    """An app whose receiver answers 500 until the last attempt has failed."""
    app = shop.new_app(name="坏掉的接收方", kind="self_built", visible={"userid": ["lisi"], "partyid": []})
    ear = _listening(shop, app, ears)
    ear.receiver.status = 500
    shop.act("member_adds_customer", userid="lisi", name="没人听见")
    for tries in range(1, 5):
        shop.wait_until(lambda tries=tries: _attempts(shop, ear.agentid) == tries)  # type: ignore[misc]
        shop.talk.advance(6)
    assert shop.callbacks(state="failed", agentid=ear.agentid)
    ear.receiver.status = 200


def _attempts(corp: Corp, agentid: int) -> int:
    return max((len(one["tries"]) for one in corp.callbacks(agentid=agentid)), default=0)


def _spend_all(barred: Corp) -> None:
    """Calls until a hard budget blocks."""
    for _ in range(60):
        reply = barred.talk.get("externalcontact/list", barred.token, userid="zhangsan")
        if reply["errcode"] == BARRED:
            return
    raise AssertionError("the barrier did not come down")


def _spend_half(talk: Talk, shop: Corp) -> None:
    """A half-spent budget: one alert is sent, another not yet."""
    spent = float(shop.sim("statement", month="2026-04")["total"])
    budget = {"amount": f"{spent / 0.6:.2f}", "alerts": [50, 95], "barrier": "soft"}
    assert talk.sim("PUT", f"{shop.path}/budget", budget)["told"] == [50]


def _waiting(shop: Corp, good: Ear, ears: list[Ear]) -> None:
    """Three callbacks of an app whose receiver is gone: the first has two attempts, the others wait."""
    app = shop.new_app(name="断线的接收方", kind="self_built", visible={"userid": ["wangwu"], "partyid": []})
    ear = _listening(shop, app, ears)
    shop.wait_until(lambda: not shop.callbacks(state="waiting"))
    ear.close()
    for name in ("等着一", "等着二", "等着三"):
        shop.act("member_adds_customer", userid="wangwu", name=name)
    shop.wait_until(lambda: _attempts(shop, ear.agentid) == 1)
    shop.talk.advance(6)
    shop.wait_until(lambda: _attempts(shop, ear.agentid) == 2)
    shop.wait_until(lambda: not shop.callbacks(state="waiting", agentid=good.agentid))


def _delayed(corp: Corp, ears: list[Ear]) -> None:
    """Callbacks that are delayed and duplicated, and one that was dropped."""
    _listening(corp, corp.apps[0], ears)
    knobs = f"{corp.path}/callbacks/knobs"
    corp.talk.sim("PUT", knobs, {"drop_one_in": 1})
    corp.act("member_adds_customer", userid="zhangsan", name="丢了的")
    corp.talk.sim("PUT", knobs, {"duplicate": 1, "delay_seconds": 600, "same_second": 20})
    for name in ("晚到一", "晚到二"):
        corp.act("member_adds_customer", userid="zhangsan", name=name)
