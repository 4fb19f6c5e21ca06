"""The registry of functions, and what a handler is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from wecom_tollbooth.client.problems import Problem
from wecom_tollbooth.client.tables import Webview
from wecom_tollbooth.world.acts import Act

Identity = Literal["none", "any", "app"]
"""Who the page must have proven to be: nobody, the corp or the app, or the app."""

DETAILS = "more info at https://open.work.weixin.qq.com/devtool/query?e="
"""What the client adds to its reasons, with an errcode behind it."""


class Failed(Exception):
    """The call fails: what follows the colon of err_msg, and why."""

    def __init__(self, reason: str, *problems: Problem, data: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.problems, self.data = reason, problems, data or {}


class Asks(Exception):
    """The client shows the member something to choose from, before the call is answered."""

    def __init__(self, question: dict[str, Any]) -> None:
        super().__init__(question)
        self.question = question


@dataclass
class Invocation:
    """One call of a page."""

    act: Act
    webview: Webview
    params: dict[str, Any]
    address: str
    """The page's address, with its fragment."""
    cancelled: bool = False
    """The member said no where the client asks."""
    choice: dict[str, list[str]] | None = None
    """What the member chose where the client asks."""
    then: dict[str, Any] = field(default_factory=dict)
    """What the client shows next, for the client page."""
    notes: list[Problem] = field(default_factory=list)
    """What is worth saying though the call succeeds."""

    @property
    def userid(self) -> str:
        return self.webview.userid

    def note(self, chinese: str, english: str) -> None:
        self.notes.append(Problem("call", chinese, english))


Handler = Callable[[Invocation], dict[str, Any]]


@dataclass(frozen=True)
class Function:
    name: str
    handler: Handler
    identity: Identity
    entries: frozenset[str]
    """Where the page must have been opened from; empty: anywhere."""
    of_customers: bool
    """Needs an app with a right on customers, and a member who may have them."""
    on_mobile_alone: bool


class Functions:
    def __init__(self) -> None:
        self._by_name: dict[str, Function] = {}

    def add(self, function: Function) -> None:
        if function.name in self._by_name:
            raise ValueError(f"the function {function.name} is declared twice")
        self._by_name[function.name] = function

    def find(self, name: str) -> Function | None:
        return self._by_name.get(name)

    def names(self) -> list[str]:
        return sorted(self._by_name)


FUNCTIONS = Functions()


def function(
    name: str,
    *,
    identity: Identity = "any",
    entries: frozenset[str] = frozenset(),
    of_customers: bool = False,
    on_mobile_alone: bool = False,
) -> Callable[[Handler], Handler]:
    """Declares what the client answers to `name`; the handler returns the data beside err_msg."""

    def declare(handler: Handler) -> Handler:
        FUNCTIONS.add(Function(name, handler, identity, entries, of_customers, on_mobile_alone))
        return handler

    return declare


WEB_NAMES = {
    "preVerifyJSAPI": "config",
    "preVerifyJsApi": "config",
    "menu:share:timeline": "onMenuShareTimeline",
    "menu:share:appmessage": "onMenuShareAppMessage",
    "menu:share:wechat": "onMenuShareWechat",
    "imagePreview": "previewImage",
    "geoLocation": "getLocation",
}
"""Names that WeCom's scripts put in place of the documented ones."""


def web_name(name: str) -> str:
    """The documented name of what a script calls."""
    return WEB_NAMES.get(name, name)


def failed(chinese: str, english: str, reason: str = "fail") -> Failed:
    """A call that fails for a cause that has nothing to do with signing."""
    return Failed(reason, Problem("call", chinese, english))


def texts(value: object) -> list[str]:
    """A list of ids, or "a;b" as older pages write it; everything else is empty."""
    if isinstance(value, str):
        return [part for part in value.split(";") if part]
    return [part for part in value if isinstance(part, str) and part] if isinstance(value, list) else []


def part_of(params: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within the parameters; empty if it is missing or no object."""
    value = params.get(name)
    return value if isinstance(value, dict) else {}


def text_of(params: dict[str, Any], *names: str) -> str:
    """The first of these fields that has a text or a number; "" without one."""
    for name in names:
        value = params.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""
