"""Documents: creating them, their members and who may see them, and apps of providers that use them."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, new_member
from tests.providers import Provider
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.permissions import HOLDERS

TEXT_DOCUMENT, SMART_SHEET = 3, 10
ADMINS = ["zhangsan", "lisi", "first", "second"]
OPERATIONS = [
    operation
    for operation in load_families()
    if operation.path.startswith("/cgi-bin/wedoc/") and operation.token == "access_token"
]
OF_A_DOCUMENT = [one for one in OPERATIONS if "docid" in one.request_model.model_fields]


def create(wecom: WeCom, doc_type: int = SMART_SHEET, **fields: Any) -> str:
    made = wecom.post("wedoc/create_doc", doc_type=doc_type, doc_name="文档", **fields)
    assert made["errcode"] == 0, made
    return str(made["docid"])


@pytest.fixture
def admins(corp: Corp) -> list[dict[str, Any]]:
    """Four administrators, one more than a document takes."""
    for userid in ADMINS[2:]:
        new_member(corp, userid)
    return [{"type": 1, "userid": userid, "auth": 7} for userid in ADMINS]


def test_a_wrong_document_is_not_created(wecom: WeCom, admins: list[dict[str, Any]]) -> None:
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"doc_type": 5}, 640054),
        ({"doc_type": 0}, 640054),
        ({"doc_type": 3, "admin_users": ["nobody"]}, 640012),
        ({"doc_type": 3, "admin_users": ADMINS}, 640053),
        ({}, 40063),
    ]
    for fields, errcode in wrong:
        assert wecom.post("wedoc/create_doc", {"doc_name": "文档", **fields})["errcode"] == errcode, fields
    create(wecom, TEXT_DOCUMENT, admin_users=[*ADMINS[:3], "ZhangSan"])


def test_a_document_has_at_most_three_administrators(wecom: WeCom, admins: list[dict[str, Any]]) -> None:
    docid = create(wecom, TEXT_DOCUMENT, admin_users=ADMINS[:2])

    def change(put: list[dict[str, Any]], *removed: str) -> int:
        gone = [{"type": 1, "userid": userid} for userid in removed]
        lists = {"update_file_member_list": put, "del_file_member_list": gone}
        return int(wecom.post("wedoc/mod_doc_member", docid=docid, **lists)["errcode"])

    assert change(admins) == 640053
    assert change(admins[2:3]) == 0
    assert change(admins[3:]) == 640053
    assert change(admins[3:], "zhangsan") == 0
    assert change([], "zhangsan") == 640056
    listed = wecom.post("wedoc/doc_get_auth", docid=docid)["doc_member_list"]
    assert [one["userid"] for one in listed] == ADMINS[1:]


def test_people_from_outside_are_members_by_their_temporary_id(corp: Corp, wecom: WeCom) -> None:
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    part = {"agentid": wecom.agentid, "business": "document", "external_userid": customer}
    temporary = act(corp, "outsider_takes_part", **part)["tmp_external_userid"]
    outsider = {"type": 1, "tmp_external_userid": temporary}
    docid = create(wecom)
    added = [{**outsider, "auth": 1}]
    assert wecom.post("wedoc/mod_doc_member", docid=docid, update_file_member_list=added)["errcode"] == 0
    assert wecom.post("wedoc/doc_get_auth", docid=docid)["doc_member_list"][-1] == added[0]
    assert wecom.post("wedoc/mod_doc_member", docid=docid, del_file_member_list=[outsider])["errcode"] == 0
    assert added[0] not in wecom.post("wedoc/doc_get_auth", docid=docid)["doc_member_list"]


def test_administrators_beyond_three_can_be_removed(
    corp: Corp, wecom: WeCom, admins: list[dict[str, Any]]
) -> None:
    new_member(corp, "third")
    docid = create(wecom)
    shared = [{"userid": userid, "auth": 7} for userid in (*ADMINS, "third")]
    act(corp, "member_shares_document", docid=docid, add=shared)
    gone = [{"type": 1, "userid": "third"}]
    assert wecom.post("wedoc/mod_doc_member", docid=docid, del_file_member_list=gone)["errcode"] == 0
    added = [{"type": 1, "userid": "third", "auth": 7}]
    assert wecom.post("wedoc/mod_doc_member", docid=docid, update_file_member_list=added)["errcode"] == 640053


def test_only_smart_sheets_can_be_edited_by_members(wecom: WeCom) -> None:
    docid = create(wecom, TEXT_DOCUMENT)
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("mod_doc_member", {"update_file_member_list": [{"type": 1, "userid": "lisi", "auth": 2}]}),
        ("mod_doc_join_rule", {"corp_internal_auth": 2}),
        ("mod_doc_join_rule", {"corp_external_auth": 2}),
        (
            "mod_doc_join_rule",
            {"update_co_auth_list": True, "co_auth_list": [{"type": 2, "departmentid": 1, "auth": 2}]},
        ),
    ]
    for name, body in bodies:
        assert wecom.post(f"wedoc/{name}", {"docid": docid, **body})["errcode"] == 640051, body
        assert wecom.post(f"wedoc/{name}", {"docid": create(wecom), **body})["errcode"] == 0, body


def test_departments_of_the_corp_are_listed_with_their_rights(wecom: WeCom) -> None:
    docid = create(wecom)
    rights = [{"type": 2, "departmentid": 1, "auth": 2}]
    changed = {"update_co_auth_list": True, "co_auth_list": rights}
    assert wecom.post("wedoc/mod_doc_join_rule", docid=docid, **changed)["errcode"] == 0
    assert wecom.post("wedoc/doc_get_auth", docid=docid)["co_auth_list"] == rights


def test_admins_approve_only_where_there_is_one(wecom: WeCom) -> None:
    rule = {"corp_internal_approve_only_by_admin": True}
    without, with_one = create(wecom), create(wecom, admin_users=["zhangsan"])
    assert wecom.post("wedoc/mod_doc_join_rule", docid=without, **rule)["errcode"] == 640051
    assert wecom.post("wedoc/mod_doc_join_rule", docid=with_one, **rule)["errcode"] == 0


def test_permissions_are_changed_one_by_one(wecom: WeCom) -> None:
    docid = wecom.post("wedoc/create_doc", doc_type=10, doc_name="表", admin_users=["zhangsan"])["docid"]
    member = {"type": 1, "userid": "lisi", "auth": 2}
    wecom.post("wedoc/mod_doc_member", docid=docid, update_file_member_list=[member])
    wecom.post("wedoc/mod_doc_join_rule", docid=docid, enable_corp_external=True)
    wecom.post("wedoc/mod_doc_safty_setting", docid=docid, watermark={"text": "密"})
    auth = wecom.post("wedoc/doc_get_auth", docid=docid)
    assert auth["secure_setting"]["enable_readonly_comment"] is False, "as new documents are"
    assert auth["doc_member_list"] == [{"type": 1, "userid": "zhangsan", "auth": 7}, member]
    assert (auth["access_rule"]["enable_corp_external"], auth["access_rule"]["enable_corp_internal"]) == (
        True,
        True,
    )
    assert auth["secure_setting"]["watermark"]["text"] == "密"
    removed = [{"type": 1, "userid": "ZhangSan"}]
    wecom.post("wedoc/mod_doc_member", docid=docid, del_file_member_list=removed)
    assert wecom.post("wedoc/doc_get_auth", docid=docid)["doc_member_list"] == [member]


def test_only_admins_approve_where_the_rule_lets_nobody_in(wecom: WeCom) -> None:
    docid = wecom.post("wedoc/create_doc", doc_type=10, doc_name="表")["docid"]

    def flags(**changed: bool) -> tuple[bool, bool]:
        assert wecom.post("wedoc/mod_doc_join_rule", {"docid": docid, **changed})["errcode"] == 0
        rule = wecom.post("wedoc/doc_get_auth", docid=docid)["access_rule"]
        return (
            rule["corp_internal_approve_only_by_admin"],
            rule["corp_external_approve_only_by_admin"],
        )

    assert flags() == (False, True)
    assert flags(enable_corp_internal=False) == (True, True)
    opened = {"enable_corp_internal": True, "corp_internal_approve_only_by_admin": False}
    assert flags(**opened, enable_corp_external=True, corp_external_approve_only_by_admin=False) == (
        False,
        False,
    )
    assert flags(enable_corp_external=False) == (False, True)
    assert flags(ban_share_external=True, corp_external_approve_only_by_admin=False) == (False, False)


def test_invalid_permissions_are_refused_and_change_nothing(wecom: WeCom) -> None:
    docid = wecom.post("wedoc/create_doc", doc_type=10, doc_name="表")["docid"]
    before = wecom.post("wedoc/doc_get_auth", docid=docid)
    many = [{"type": 1, "userid": f"m{number}", "auth": 1} for number in range(101)]
    wrong: list[tuple[str, dict[str, Any], int]] = [
        ("mod_doc_join_rule", {"corp_internal_auth": 7}, 640051),
        ("mod_doc_join_rule", {"corp_external_auth": 0}, 640051),
        ("mod_doc_join_rule", {"corp_external_approve_only_by_admin": False}, 640051),
        (
            "mod_doc_join_rule",
            {"enable_corp_internal": False, "corp_internal_approve_only_by_admin": False},
            640051,
        ),
        ("mod_doc_join_rule", {"co_auth_list": [{"type": 1, "userid": "lisi", "auth": 1}]}, 640051),
        ("mod_doc_join_rule", {"co_auth_list": [{"type": 2, "departmentid": 1, "auth": 7}]}, 640051),
        ("mod_doc_join_rule", {"co_auth_list": [{"type": 2, "departmentid": 999, "auth": 1}]}, 640013),
        ("mod_doc_join_rule", {"co_auth_list": [{"type": 2, "auth": 1}]}, 40063),
        ("mod_doc_join_rule", {"corp_internal_approve_only_by_admin": True}, 640051),
        ("mod_doc_member", {"update_file_member_list": many}, 640055),
        ("mod_doc_member", {"del_file_member_list": many}, 640055),
        ("mod_doc_member", {"update_file_member_list": [{"type": 1, "auth": 1}]}, 40063),
        ("mod_doc_member", {"update_file_member_list": [{"type": 1, "userid": "lisi", "auth": 5}]}, 640051),
        ("mod_doc_member", {"update_file_member_list": [{"type": 2, "departmentid": 1, "auth": 1}]}, 640051),
        ("mod_doc_member", {"update_file_member_list": [{"type": 1, "userid": "nobody", "auth": 1}]}, 640012),
        ("mod_doc_member", {"del_file_member_list": [{"type": 1, "userid": "lisi"}]}, 640056),
        ("mod_doc_safty_setting", {"watermark": {"margin_type": 3}}, 640051),
    ]
    for name, fields, errcode in wrong:
        reply = wecom.post(f"wedoc/{name}", {"docid": docid, "update_co_auth_list": True, **fields})
        assert reply["errcode"] == errcode, (name, fields)
    assert wecom.post("wedoc/doc_get_auth", docid=docid) == before


# --- who may call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_apps_of_providers_use_documents_but_not_group_chats(operation: Operation) -> None:
    """The pages name third-party and provider-developed apps, those of group chats only self-built ones."""
    open_to = HOLDERS[operation.permission]
    for kind in (AppKind.THIRD_PARTY, AppKind.PROVIDER_DEVELOPED):
        assert (kind in open_to) is ("groupchat" not in operation.name)
    assert AppKind.THIRD_PARTY_UNLISTED not in open_to


@pytest.mark.parametrize("kind", ["third_party", "provider_developed"])
def test_an_app_of_a_provider_works_on_its_own_documents(
    server: RunningServer, corp: Corp, wecom: WeCom, kind: str
) -> None:
    provider = Provider(server)
    app = provider.app_in(corp, kind)
    docid = create(app, admin_users=["zhangsan"])
    (sheet,) = app.post("wedoc/smartsheet/get_sheet", docid=docid)["sheet_list"]
    row = {"docid": docid, "sheet_id": sheet["sheet_id"], "records": [{"values": {"文本": []}}]}
    assert app.post("wedoc/smartsheet/add_records", row)["errcode"] == 0
    assert app.post("wedoc/smartsheet/content_priv/create_rule", docid=docid, name="华东")["errcode"] == 0
    assert app.post("wedoc/smartsheet/groupchat/list", docid=docid)["errcode"] == 48002
    assert app.post("wedoc/doc_get_auth", docid=create(wecom))["errcode"] == 851003
    without = provider.app_in(corp, "third_party_unlisted")
    assert without.post("wedoc/create_doc", doc_type=3, doc_name="文档")["errcode"] == 48002


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if "docid" in one.request_model.model_fields],
    ids=lambda one: one.name,
)
def test_a_call_that_names_no_document_answers_301085(wecom: WeCom, operation: Operation) -> None:
    body = {name: value for name, value in (operation.sample or {}).items() if name != "docid"}
    assert wecom.post(operation.name, body)["errcode"] == 301085
