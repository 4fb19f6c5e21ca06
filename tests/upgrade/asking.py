"""The requests that 0.1 answered about its database, and comparison with another version's answers."""

import gzip
import json
from pathlib import Path
from typing import Any

from tests.upgrade.talking import Talk
from wecom_tollbooth.world import qr

HERE = Path(__file__).parent
MONTHS = ("2026-03", "2026-04")


def path_of(database: str) -> Path:
    return HERE / f"answers_0_1.{database}.json.gz"


def write(answers: dict[str, Any], path: Path) -> None:
    text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read(database: str) -> dict[str, Any]:
    return dict(json.loads(gzip.decompress(path_of(database).read_bytes())))


def ask(talk: Talk, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Every request with its answer, in order."""
    return [{**question, "reply": answer(talk, question)} for question in questions(known)]


def answer(talk: Talk, question: dict[str, Any]) -> dict[str, Any]:
    """The server's answer to one request."""
    if question["kind"] == "sim":
        return talk.sim("GET", question["path"], **question["params"])
    ask_it = talk.get if question["kind"] == "get" else talk.call
    return ask_it(question["path"], question["token"], **question["params"])


def differences(old: Any, new: Any, place: str = "") -> list[str]:
    """The differences of `new` from `old`; additional fields are not differences."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            found
            for name, value in old.items()
            for found in (
                differences(value, new[name], f"{place}.{name}")
                if name in new
                else [f"{place}.{name}: is gone"]
            )
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            found
            for number, (before, after) in enumerate(zip(old, new, strict=True))
            for found in differences(before, after, f"{place}[{number}]")
        ]
    same = _encoded(old) == _encoded(new) and type(old) is type(new)
    return [] if same else [f"{place}: {old!r} became {new!r}"]


def _encoded(value: Any) -> Any:
    """What the QR code at an address says, for its address became shorter; any other value as it is."""
    if not isinstance(value, str) or qr.PREFIX not in value:
        return value
    base_url, _, name = value.partition(qr.PREFIX)
    return qr.text_of(name.rpartition("/")[2].removesuffix(".png"), base_url)


def questions(known: dict[str, Any]) -> list[dict[str, Any]]:
    """First requests to the control API, which book nothing; then operations with tokens of 0.1."""
    shop, barred = (known["corps"][name] for name in ("shop", "barred"))
    corpids = [shop["corpid"], barred["corpid"], known["closed"], known["provider"]["provider_id"]]
    asked = [
        _sim(f"/corps/{corpid}/{page}", month=month)
        for corpid in corpids
        for month in MONTHS
        for page in ("statement", "usage")
    ]
    asked += [_sim(page, month=month) for month in MONTHS for page in ("/statement", "/usage")]
    asked += [_sim("/ledger/verify"), _sim("/clock"), _sim("/corps"), _sim("/calls")]
    asked += [
        _sim(f"/providers/{known['provider']['provider_id']}/statement", month=month) for month in MONTHS
    ]
    for corp in (shop, barred):
        path = f"/corps/{corp['corpid']}"
        asked += [_sim(path)]
        asked += [_sim(f"{path}/callbacks", limit=1000), _sim(f"{path}/callbacks/knobs")]
        asked += [_sim(f"{path}/{page}") for page in ("budget", "contact_scale", "licences", "latency")]
        asked += [_sim(f"{path}/{page}") for page in ("temp_chats", "corp_groups", "ledger")]
        asked += [_sim(f"{path}/calls", limit=1000)]
    return asked + _operations(shop["token"], known["named"])


def _sim(path: str, **params: Any) -> dict[str, Any]:
    return {"kind": "sim", "path": path, "params": params}


def _operations(token: str, named: dict[str, Any]) -> list[dict[str, Any]]:
    def get(path: str, **params: Any) -> dict[str, Any]:
        return {"kind": "get", "path": path, "token": token, "params": params}

    def post(path: str, **params: Any) -> dict[str, Any]:
        return {"kind": "post", "path": path, "token": token, "params": params}

    contact, follow_up = "externalcontact/", "externalcontact/follow_up/"
    sheet, links = "wedoc/smartsheet/", "externalcontact/customer_acquisition/"
    doc = {"docid": named["docid"]}
    where = {**doc, "sheet_id": named["sheet_id"]}
    of_record = {"follow_up_id": named["follow_up"]}
    return [
        *(get(contact + "list", userid=userid) for userid in ("zhangsan", "lisi", "wangwu")),
        *(get(contact + "get", external_userid=named[name]) for name in ("customer", "went_over", "gone")),
        get(contact + "get", external_userid=named["on_its_way"]),
        post(contact + "batch/get_by_user", userid_list=["zhangsan", "lisi"], limit=100),
        post(contact + "get_corp_tag_list"),
        post(contact + "get_strategy_tag_list", strategy_id=named["strategy"]),
        post(contact + "customer_strategy/get", strategy_id=named["strategy"]),
        post(contact + "groupchat/list", limit=100),
        post(contact + "groupchat/get", chat_id=named["chat"], need_name=1),
        post(contact + "groupchat/get_join_way", config_id=named["join_way"]),
        post(contact + "get_contact_way", config_id=named["contact_way"]),
        post(contact + "list_contact_way"),
        post(contact + "get_product_album", product_id=named["product"]),
        get(contact + "get_intercept_rule_list"),
        get(contact + "get_subscribe_mode"),
        get(contact + "customer_acquisition_quota"),
        post(links + "get", link_id=named["link"]),
        post(links + "customer", link_id=named["link"]),
        post(contact + "transfer_result", handover_userid="zhangsan", takeover_userid="lisi"),
        get("user/get", userid="zhangsan"),
        get("department/list"),
        post(sheet + "get_sheet", **doc),
        *(post(sheet + page, **where) for page in ("get_fields", "get_records", "get_views")),
        post(sheet + "get_records", **where, view_id=named["view"]),
        post(sheet + "get_field_groups", **where),
        post(sheet + "content_priv/get_sheet_priv", **doc, type=2, rule_id_list=[named["rule"]]),
        post(sheet + "groupchat/get", **doc, chat_id=named["sheet_chat"]),
        *(post(sheet + page, **named["follow_up_sheet"]) for page in ("get_fields", "get_records")),
        post(follow_up + "get_pipeline"),
        post(follow_up + "get", **of_record),
        post(follow_up + "get_logs", **of_record),
        post(follow_up + "board"),
        post(follow_up + "list", limit=50),
        post(follow_up + "list", text="团购"),
        post(follow_up + "changes"),
        post(follow_up + "statistics"),
    ]
