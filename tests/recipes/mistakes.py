"""The usual mistake against each recipe: a piece of its Python, and what integrators write instead.

With the mistake, the page's own tests must fail: that is what they are for.
"""

MISTAKES: dict[str, tuple[str, str]] = {
    "01-offline": ('callback_receiver.wait_for("add_external_contact")', "{}"),
    "03-trusted-addresses": ("== 60020", "== 40014"),
    "04-expired-token": ("{40001, 40014, 41001, 42001}", "{42001}"),
}
