"""The HTML of the login pages: who logs in, what is wrong, and how a panel tells the page around it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from wecom_tollbooth.login.requests import Broken

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: light-dark(#dfe3e8, #3a3f47);
  --quiet: light-dark(#5c6675, #a3acb9); --blue: light-dark(#1f5fbf, #7fb0ff);
  --page: light-dark(#fff, #181b20); --around: light-dark(#f5f7f9, #101215); }}
* {{ box-sizing: border-box; }}
body {{ font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0; background: var(--page); }}
main {{ max-width: 30rem; margin: 0 auto; padding: 1.2rem 1.4rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.2rem; margin: 0 0 .6rem; }}
h2 {{ font-size: .9rem; margin: 1.2rem 0 .4rem; color: var(--quiet); font-weight: 600; }}
p {{ margin: .4rem 0; }}
[lang=en], small {{ color: var(--quiet); }}
main > small {{ display: block; margin-top: 1rem; }}
small p {{ margin: .2rem 0; }}
ul {{ list-style: none; margin: 0; padding: 0; }}
li a {{ display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; padding: .5rem .8rem;
  margin: .35rem 0; border: 1px solid var(--line); border-radius: .4rem; text-decoration: none;
  color: inherit; }}
li a:hover, li a:focus-visible {{ border-color: var(--blue); outline: 1px solid var(--blue); }}
@media (min-width: 36rem) {{
  body {{ background: var(--around); }}
  main {{ margin: 2.5rem auto; border: 1px solid var(--line); border-radius: .7rem; padding: 1.6rem 2rem;
    background: var(--page); }}
}}
</style></head>
<body><main>
<h1>{title}</h1>
{body}
</main></body></html>
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

    `who` and `note` are HTML.
    `in_client`: pages within the client lead here, so the client page may answer.
    """
    sections = [who]
    for heading, people in (("成员 Members", list(members)), ("客户 Customers", list(customers))):
        if people:
            rows = "".join(_row(person, query) for person in people)
            sections.append(f"<h2>{heading}</h2><ul>{rows}</ul>")
    sections.append(f"<small>{note}</small>")
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
