"""The history of the shop in the saved database: customers, groups, contact ways, links, documents."""

from typing import Any

from tests.upgrade.talking import Corp

Named = dict[str, Any]
"""Ids that the test uses later."""

LEAVER = "chenqi"
"""The member who resigns before the database is saved."""


def text(value: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": value}]


def directory(shop: Corp) -> None:
    """A department and members created by the sync secret, with mail addresses."""
    (sync,) = [app for app in shop.apps if app["kind"] == "contacts_sync"]
    token = shop.log_in(sync)
    made = shop.talk.call("department/create", token, name="华南", parentid=1, id=77)
    assert made["errcode"] == 0, made
    for userid, mobile in ((LEAVER, "13900000077"), ("zhouba", "13900000078")):
        mail = {
            "biz_mail": f"{userid}@shop.example",
            "biz_mail_alias": {"item": [f"x.{userid}@shop.example"]},
        }
        member = {"userid": userid, "name": userid, "mobile": mobile, "department": [77], **mail}
        reply = shop.talk.call("user/create", token, **member)
        assert reply["errcode"] == 0, reply
    shop.act("admin_sets_member_status", userid=LEAVER, status=1)


def customers(shop: Corp) -> Named:
    """Customers who are added, tagged and remarked, send messages, and are deleted."""
    first = shop.act("member_adds_customer", userid="zhangsan", name="李雷")["external_userid"]
    second = shop.act("customer_adds_member", userid="lisi", name="韩梅梅", skip_verify=True)
    shop.act("customer_adds_member", userid="lisi", name="半个", skip_verify=True)
    shop.act("member_confirms_customer", userid="lisi", external_userid=second["external_userid"])
    gone = shop.act("member_adds_customer", userid="zhangsan", name="走了")["external_userid"]
    shop.act("customer_deletes_member", userid="zhangsan", external_userid=gone)
    shop.act("customer_sends_message", userid="zhangsan", external_userid=first, text="有货吗")
    own = {"add_personal_tag": [{"group_name": "我的", "tag_name": "重要"}]}
    shop.act("member_edits_customer", userid="zhangsan", external_userid=first, **own)
    group = shop.ok("externalcontact/add_corp_tag", group_name="级别", tag=[{"name": "金"}, {"name": "银"}])
    tags = [tag["id"] for tag in group["tag_group"]["tag"]]
    pair = {"userid": "zhangsan", "external_userid": first}
    shop.ok("externalcontact/mark_tag", **pair, add_tag=tags)
    shop.ok("externalcontact/remark", **pair, remark="老客户", remark_mobiles=["13800000001"])
    refused = shop.talk.call("externalcontact/remark", shop.token, userid="nobody", external_userid=first)
    assert refused["errcode"] != 0
    return {"customer": first, "gone": gone}


def groups(shop: Corp, customer: str) -> Named:
    """A customer group with members and messages, and a join way."""
    chat = shop.act("member_creates_group", userid="zhangsan", name="老客户群")["chat_id"]
    shop.act("join_group", chat_id=chat, external_userid=customer)
    shop.act("group_message", chat_id=chat, sender="zhangsan", text="大家好", count=3)
    shop.act("change_group_notice", chat_id=chat, notice="周三会员日")
    way = shop.ok("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chat], state="poster")
    shop.act("scan_join_way", config_id=way["config_id"], name="路人甲")
    passed_on = shop.act("member_creates_group", userid="zhangsan", name="转让的群")["chat_id"]
    shop.ok("externalcontact/groupchat/onjob_transfer", chat_id_list=[passed_on], new_owner="lisi")
    return {"chat": chat, "join_way": way["config_id"]}


def ways_and_links(shop: Corp, expires_at: int) -> Named:
    """A contact way, a temporary one, an acquisition link with quota, and customers added by them."""
    way = shop.ok("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"], state="door")
    shop.act("scan_contact_way", config_id=way["config_id"], name="扫码的人")
    brief = shop.ok(
        "externalcontact/add_contact_way",
        **{"type": 1, "scene": 2, "user": ["lisi"], "is_temp": True, "expires_in": 86_400},
        **{"chat_expires_in": 86_400, "conclusions": {"text": {"content": "感谢咨询"}}},
    )
    shop.act("scan_contact_way", config_id=brief["config_id"], name="临时的人")
    shop.act("admin_buys_acquisition_quota", amount=30, expires_at=expires_at)
    link = shop.ok(
        "externalcontact/customer_acquisition/create_link",
        **{"link_name": "门店海报", "range": {"user_list": ["zhangsan", "lisi"]}},
    )["link"]["link_id"]
    result = shop.act("open_acquisition_link", link_id=link, customer_channel="A", name="点链接的人")
    writes = {"userid": result["userid"], "external_userid": result["external_userid"]}
    shop.act("customer_sends_message", **writes, text="在吗", count=3)
    return {"contact_way": way["config_id"], "link": link}


def documents(shop: Corp) -> Named:
    """A smart sheet: fields, records, a view, a group of fields, a rule, a webhook and a group chat."""
    admins = ["zhangsan", "lisi"]
    docid = shop.ok("wedoc/create_doc", doc_type=10, doc_name="客户跟进表", admin_users=admins)["docid"]
    of_doc = {"docid": docid}
    sheet_id = shop.ok("wedoc/smartsheet/get_sheet", **of_doc)["sheet_list"][0]["sheet_id"]
    where = {**of_doc, "sheet_id": sheet_id}
    kinds = {"数": "NUMBER", "日": "DATE_TIME", "网址": "URL", "勾": "CHECKBOX"}
    wanted: list[dict[str, Any]] = [
        {"field_title": title, "field_type": f"FIELD_TYPE_{kind}"} for title, kind in kinds.items()
    ]
    options = {"options": [{"text": "待办", "style": 1}, {"text": "完成", "style": 2}]}
    wanted.append(
        {"field_title": "选", "field_type": "FIELD_TYPE_SINGLE_SELECT", "property_single_select": options}
    )
    fields = shop.ok("wedoc/smartsheet/add_fields", **where, fields=wanted)["fields"]
    number = fields[0]["field_id"]
    rows = [
        {"values": {"文本": text(name), "数": count, "日": "1775000000000", "选": [{"text": "待办"}]}}
        for name, count in (("甲店", 12), ("乙店", 7.5), ("丙店", -3))
    ]
    added = shop.ok("wedoc/smartsheet/add_records", **where, records=rows)["records"]
    changed = {"record_id": added[0]["record_id"], "values": {"数": 13, "勾": True}}
    shop.ok("wedoc/smartsheet/update_records", **where, records=[changed])
    view = shop.ok("wedoc/smartsheet/add_view", **where, view_title="大", view_type="VIEW_TYPE_GRID")["view"]
    sorting = {"sort_spec": {"sort_infos": [{"field_id": number, "desc": True}]}}
    shop.ok("wedoc/smartsheet/update_view", **where, view_id=view["view_id"], property=sorting)
    shop.ok("wedoc/smartsheet/add_field_group", **where, name="一组", children=[{"field_id": number}])
    rule = shop.ok("wedoc/smartsheet/content_priv/create_rule", **of_doc, name="华东")["rule_id"]
    members = {"userid_list": ["lisi"]}
    shop.ok("wedoc/smartsheet/content_priv/mod_rule_member", **of_doc, rule_id=rule, add_member_range=members)
    hook = shop.act("member_opens_webhook", userid="zhangsan", **where, name="收银机")
    row = {"add_records": [{"values": {next(iter(hook["sample"]["schema"])): "来自收银机"}}]}
    sent = shop.talk.send(hook["path"], row)
    assert sent["errcode"] == 0, sent
    chat = shop.act("smart_sheet_creates_group", docid=docid, userids=admins, name="跟进群")["chat_id"]
    shop.ok("wedoc/smartsheet/groupchat/update", **of_doc, chat_id=chat, name="跟进群二")
    known = {"view": view["view_id"], "rule": rule, "sheet_chat": chat}
    return {**where, **known, "webhook": hook["path"], "row": row}


PIPELINE: dict[str, Any] = {
    "stages": [
        {"stage_id": "new", "name": "新线索", "color": "#8C8C8C", "kind": "open"},
        {"stage_id": "talking", "name": "洽谈中", "color": "#1890FF", "kind": "open"},
        {"stage_id": "signed", "name": "已成交", "color": "#52C41A", "kind": "won"},
        {"stage_id": "lost", "name": "已流失", "color": "#F5222D", "kind": "lost"},
    ],
    "fields": [
        {"field_id": "cups", "name": "杯数", "type": "number"},
        {"field_id": "size", "name": "大小", "type": "select", "options": ["大", "小"]},
    ],
    "auto_create": True,
    "move_to": [
        {"stage_id": "untouched", "move_to": "new"},
        {"stage_id": "connected", "move_to": "talking"},
        {"stage_id": "cooperating", "move_to": "signed"},
        {"stage_id": "ended", "move_to": "lost"},
    ],
}


def follow_ups(shop: Corp, customer: str, next_time: int) -> Named:
    """A custom pipeline with fields; records that are moved, logged, closed, deleted and due."""
    path = "externalcontact/follow_up/"
    version = shop.ok(path + "get_pipeline")["version"]
    shop.ok(path + "set_pipeline", version=version, **PIPELINE)
    record = {"userid": "zhangsan", "external_userid": customer, "title": "人民广场店 团购"}
    more = {"amount": 268_000, "next_time": next_time, "priority": 2, "stage_id": "new"}
    added = shop.ok(path + "add", **record, **more, custom={"cups": 200})
    id_ = added["follow_up_id"]
    shop.ok(path + "move", follow_up_id=id_, stage_id="talking", position={"side": "top"})
    log = {"kind": "call", "text": "电话沟通，下周到店试饮", "operator_userid": "zhangsan"}
    shop.ok(path + "add_log", follow_up_id=id_, **log)
    listed = shop.ok(path + "list", limit=50)["follow_ups"]
    others = [one["follow_up_id"] for one in listed if one["follow_up_id"] != id_]
    shop.ok(path + "move", follow_up_id=others[0], stage_id="signed", position={"side": "bottom"})
    shop.ok(path + "delete", follow_up_id=others[1])
    shop.ok(path + "update", follow_up_id=others[2], custom={"size": "大"})
    sheet = shop.ok(path + "get_sheet")
    where = {"docid": sheet["docid"], "sheet_id": sheet["sheet_id"]}
    shop.ok("wedoc/smartsheet/get_records", **where)
    return {"follow_up": id_, "follow_up_sheet": where}


def rules_and_albums(shop: Corp) -> Named:
    """Rule groups with tags, intercept rules, products, and settings of a school."""
    range_ = [{"type": 1, "userid": "zhangsan"}]
    strategy = shop.ok(
        "externalcontact/customer_strategy/create",
        **{"strategy_name": "华东", "admin_list": ["zhangsan"], "range": range_},
    )["strategy_id"]
    tags = [{"name": "高"}]
    shop.ok("externalcontact/add_strategy_tag", strategy_id=strategy, group_name="等级", tag=tags)
    ranges = {"user_list": ["zhangsan"], "department_list": [1]}
    words = {"rule_name": "规则", "word_list": ["返现"], "intercept_type": 1, "applicable_range": ranges}
    shop.ok("externalcontact/add_intercept_rule", **words)
    image = [{"type": "image", "image": {"media_id": "2iYq_6-kq0"}}]
    product = {"description": "冰美式", "price": 1500, "product_sn": "SN001", "attachments": image}
    album = shop.ok("externalcontact/add_product_album", **product)["product_id"]
    shop.act("parent_follows_school", mobile="13812345678", name="家长", foreign_key="S1")
    shop.ok("externalcontact/set_subscribe_mode", subscribe_mode=2)
    return {"strategy": strategy, "product": album}
