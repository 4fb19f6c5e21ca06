"""The HTML of the login pages: who logs in, what is wrong, and how a panel tells the page around it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from wecom_tollbooth.login.requests import Broken

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 1.5rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.2rem; }}
ul {{ list-style: none; padding: 0; }}
li a {{ display: block; padding: .5rem .8rem; margin: .3rem 0; border: 1px solid #8886; border-radius: .4rem;
  text-decoration: none; color: inherit; }}
small {{ opacity: .7; }}
</style></head>
<body>
<h1>{title}</h1>
{body}
</body></html>
"""
READY = {"type": "ww-iframe-handle:ready", "supportChannel": False}
"""What a login panel of WeCom's JS-SDK waits for."""


@dataclass(frozen=True)
class Person:
    id: str
    name: str


IN_CLIENT = """
if (window.parent !== window) {
  window.addEventListener("message", function (event) {
    var message = event.data;
    if (event.source === window.parent && message && message.tollbooth === 1 && message.kind === "member") {
      location.replace("?" + QUERY + "&as=" + encodeURIComponent(message.userid));
    }
  });
  window.parent.postMessage({ tollbooth: 1, kind: "login" }, "*");
}
"""
"""In the frame of the client page, the member whose client it is logs in without a click."""


def picker(
    title: str,
    who: str,
    members: Iterable[Person],
    customers: Iterable[Person],
    query: str,
    note: str,
    *,
    in_client: bool,
) -> str:
    """The page on which one picks the person who logs in; `query` is that of the page itself.

    `in_client`: pages within the client lead here, so the client page may answer.
    """
    sections = [f"<p>{who}</p>"]
    for heading, people in (("成员 Members", list(members)), ("客户 Customers", list(customers))):
        if people:
            rows = "".join(_row(person, query) for person in people)
            sections.append(f"<h2>{heading}</h2><ul>{rows}</ul>")
    sections.append(f"<p><small>{note}</small></p>")
    script = f"var QUERY = {_json(query)};{IN_CLIENT}" if in_client else _to_parent(READY)
    sections.append(f"<script>{script}</script>")
    return _PAGE.format(title=escape(title), body="\n".join(sections))


def broken(rule: Broken) -> str:
    """The page that names the broken rule; it also tells a page that shows it in a panel."""
    failed = _call("onLoginFail", {"errCode": rule.code, "errMsg": rule.english})
    body = (
        f"<p>{escape(rule.chinese)}</p><p lang='en'>{escape(rule.english)}</p>"
        f"<p><small>errcode {rule.code}</small></p><script>{_to_parent(READY)}{_to_parent(failed)}</script>"
    )
    return _PAGE.format(title="无法登录 Login not possible", body=body)


def panel_succeeds(code: str) -> str:
    """Hands the code to the page around the panel, which asked for redirect_type=callback."""
    succeeded = _call("onLoginSuccess", {"code": code})
    return _PAGE.format(title="已登录 Logged in", body=f"<script>{_to_parent(succeeded)}</script>")


def panel_leads_top(address: str) -> str:
    """Leads the whole window to the address, as redirect_type=top asks."""
    return _PAGE.format(
        title="已登录 Logged in", body=f"<script>window.top.location.href={_json(address)}</script>"
    )


def frame_tells_address(address: str) -> str:
    """Posts the address to the page around the frame, as the script wwLogin expects."""
    script = f"window.parent.postMessage({_json(address)}, '*')"
    return _PAGE.format(title="已登录 Logged in", body=f"<script>{script}</script>")


def _row(person: Person, query: str) -> str:
    return (
        f'<li><a href="?{escape(query)}&amp;as={escape(person.id)}">{escape(person.name)} '
        f"<small>{escape(person.id)}</small></a></li>"
    )


def _call(name: str, payload: object) -> dict[str, object]:
    return {"type": "ww-iframe-handle:call", "args": {"type": "call", "name": name, "payload": payload}}


def _to_parent(message: object) -> str:
    return f"if (window.parent !== window) window.parent.postMessage({_json(_json(message))}, '*');"


def _json(value: object) -> str:
    """JSON for a script within a page."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
