"""Functions of the client's surface, which succeed and change nothing here."""

from typing import Any

from wecom_tollbooth.client.functions.registry import Identity, Invocation, function


def _does_nothing(call: Invocation) -> dict[str, Any]:
    return {}


BEFORE_CONFIG = ("wwapp.initWwOpenData", "innerSaveWebPerformance", "hideOptionMenu", "showOptionMenu")
AFTER_CONFIG = (
    "hideMenuItems",
    "showMenuItems",
    "hideAllNonBaseMenuItem",
    "showAllNonBaseMenuItem",
    "closeWindow",
    "setClipboardData",
    "imagePreview",
    "openDefaultBrowser",
    "hideChatAttachmentMenu",
    "sendAppMessage",
    "shareTimeline",
    "shareWechat",
    "shareAppMessage",
    "shareWechatMessage",
    "onMenuShareAppMessage",
    "onMenuShareTimeline",
    "onMenuShareWechat",
)
"""The last three are in a jsApiList only: pages listen for them."""


def _declare(names: tuple[str, ...], identity: Identity) -> None:
    for name in names:
        function(name, identity=identity)(_does_nothing)


_declare(BEFORE_CONFIG, "none")
_declare(AFTER_CONFIG, "any")


@function("getNetworkType", identity="none")
def get_network_type(call: Invocation) -> dict[str, Any]:
    return {"networkType": "wifi", "subtype": "wifi"}
