"""The usual mistake against each recipe: a piece of its Python, and what integrators write instead.

With the mistake, the page's own tests must fail: that is what they are for.
"""

MISTAKES: dict[str, tuple[str, str]] = {
    "01-offline": ('callback_receiver.wait_for("add_external_contact")', "{}"),
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
}
