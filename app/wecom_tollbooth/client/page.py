"""The client page: a shell without data, which asks the control API for everything."""

from fastapi.responses import Response

from wecom_tollbooth.client.scripts import text_of

PREFIX = "/_sim/client"
FILES = {
    "client.css": "text/css",
    "client.js": "text/javascript",
    "control.js": "text/javascript",
    "dialogs.js": "text/javascript",
    "frame.js": "text/javascript",
    "log.js": "text/javascript",
    "texts.js": "text/javascript",
}
"""What the page loads, below PREFIX/files/."""

HEADERS = {
    # Nothing but its own files, pages in its frame, and pictures in messages; and in nobody's frame.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: http: https:; frame-src http: https:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
CHINESE, ENGLISH = "zh-CN", "en"


def language_of(accepted: str) -> str:
    """The language of the page for an Accept-Language: English if it comes before Chinese."""
    ranked = []
    for place, part in enumerate(accepted.lower().split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    for _, _, tag in sorted(ranked):
        if tag.startswith("zh"):
            return CHINESE
        if tag.startswith("en"):
            return ENGLISH
    return CHINESE


def page(language: str) -> Response:
    text = text_of("client.html").replace('lang="zh-CN"', f'lang="{language}"', 1)
    return Response(text, media_type="text/html", headers=HEADERS)


def file(name: str) -> Response | None:
    """A file of the page; None for an unknown one."""
    if name not in FILES:
        return None
    return Response(text_of(name), media_type=FILES[name], headers=HEADERS)
