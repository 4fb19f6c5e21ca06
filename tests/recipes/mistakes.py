"""The usual mistake against each recipe: a piece of its Python, and what integrators write instead.

With the mistake, the page's own tests must fail: that is what they are for.
"""

MISTAKES: dict[str, tuple[str, str]] = {
    "01-offline": ('callback_receiver.wait_for("add_external_contact")', "{}"),
    "02-callbacks-on-localhost": ('event.get("ChangeType") ==', 'event.get("Event") =='),
    "03-trusted-addresses": ("== 60020", "== 40014"),
    "04-expired-token": ("{40001, 40014, 41001, 42001}", "{42001}"),
    "05-token-loop": ("self.store = store", "self.store = {}"),
    "06-token-of-another-app": ('key = (corp.corpid, app["agentid"])', "key = corp.corpid"),
    "07-same-second": ('"Event", "ChangeType", "UserID", "ExternalUserID", ', ""),
    "08-repeated-callbacks": ("if customer not in self.greeted:", "if True:"),
    "09-order-of-events": (
        'customer = event["ExternalUserID"]',
        'customer = event["ExternalUserID"]; assert "edit" not in event["ChangeType"] or self.remarks',
    ),
    "10-welcome-code": ('if "WelcomeCode" not in event:', "if False:"),
    "11-unionid": ('contact.get("unionid") or None\n', 'contact.get("unionid") or "none"\n'),
    "12-two-ids": ("if response.status_code != 200:", "if False:"),
    "13-no-customers": ('if reply["errcode"] == 84061:', "if False:"),
    "14-ended-relation": ('84061: "ended", ', ""),
    "15-wrong-secret": ("{48002, 48009, 60011}", "{48002}"),
    "16-rate-limits": ("{45009: 60, 45033: 1}", "{45009: 1, 45033: 1}"),
    "17-paging": ("if not cursor:", 'if len(page["external_contact_list"]) < limit:'),
    "18-tags": ('body["add_tag"] = [tag_id for tag_id in body["add_tag"] if tag_id]', ""),
    "19-field-types": ('contact.get("external_profile") or {}', 'contact["external_profile"]'),
    "20-callback-address": ("content[4:end]\n", 'content[4:end] + b"\\n"\n'),
    "21-visible-range": ("    for userid in client.get", "    table.clear()\n    for userid in client.get"),
    "22-large-corps": ("if userid not in table:", "if True:"),
    "23-base-url": ("address.rstrip('/')", "'https://127.0.0.1:1'"),
    "24-licences-and-quota": ("set(userids) - unlicensed:", "userids:"),
    "25-passive-replies": ("PLAIN.format(member, corpid,", "PLAIN.format(corpid, member,"),
    "26-smart-sheet-webhooks": ("if our_id in row_ids:", "if False:"),
    "27-app-messages": ("if userid.lower() in invalid", "if userid in invalid"),
    "28-template-cards": ('"atall": 1', '"userids": [event["FromUserName"]]'),
    "29-group-robots": ("return lines", "return []"),
}
