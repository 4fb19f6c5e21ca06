"""Devices on which a client runs, and how a page recognizes them (page 90315, 2025-10)."""

VERSION = "5.0.6"
"""Of the simulated client: it has every function that is answered here."""

USER_AGENTS = {
    "desktop": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/116.0.0.0 Safari/537.36 wxwork/{VERSION} (MicroMessenger/6.2) WindowsWechat Language/zh",
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    f"(KHTML, like Gecko) Mobile/15E148 wxwork/{VERSION} MicroMessenger/7.0.1 Language/zh",
}
"""The mobile one is an iPhone: on Android some values arrive as JSON texts."""
