"""A form that sets and verifies where an app receives callbacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.words import Text

TEXTS = {
    "form": Text("回调地址", "Callback address"),
    "app": Text("应用", "App"),
    "url": Text(
        "回调地址（留空则只留存、不发送）", "Callback address (empty: callbacks are kept and not sent)"
    ),
    "keys": Text("改用自己的 Token 与 EncodingAESKey", "Use a Token and EncodingAESKey of your own"),
    "unchanged": Text("留空则不变", "Empty: unchanged"),
    "verify": Text("验证并保存", "Verify and save"),
    "verifying": Text("正在验证…", "Verifying…"),
    "remove": Text("保存（不发送）", "Save (do not send)"),
    "verified": Text("验证通过，已保存。", "Verified and saved."),
    "removed": Text("已保存，回调只留存、不发送。", "Saved. Callbacks are kept and not sent."),
    "refused": Text("没有通过验证，未保存：", "Not verified, so nothing was saved:"),
}


class CallbackForm(ui.element, component="callback_form.js"):
    """In the browser; it raises `tollbooth-callback-address` on the window when it has saved an address."""


def callback_form(page: Page, apps: Sequence[Mapping[str, Any]]) -> None:
    """The form for the apps of the page's corp, as `GET /_sim/corps/{corpid}` lists them."""
    form = CallbackForm()
    form.props["corpid"] = page.corpid
    form.props["apps"] = [{name: app[name] for name in ("agentid", "name", "callback_url")} for app in apps]
    form.props["texts"] = page.words(TEXTS).all()
    form.props["read-only"] = page.modes.read_only
