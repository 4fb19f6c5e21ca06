"""@console_page declares a page of the console."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from wecom_tollbooth.console.guard import Modes
from wecom_tollbooth.console.server_api import ServerApi, ServerRefusal, segment
from wecom_tollbooth.console.words import Language, Text, Texts, Words

READ_ONLY = Text("只读模式，不能修改", "The console is in read-only mode")


@dataclass(frozen=True)
class PageApi:
    """The control API as a page may use it in its modes. Raises ServerRefusal."""

    server: ServerApi
    modes: Modes
    language: Language

    async def get(self, path: str, /, **params: Any) -> Any:
        """GET /_sim{path}; parameters that are None are left out. Secrets are hidden in presenter mode."""
        given = {name: value for name, value in params.items() if value is not None}
        return self.modes.hide(await self.server.control("GET", path, params=given))

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._change("POST", path, {} if body is None else body)

    async def put(self, path: str, body: Any) -> Any:
        return await self._change("PUT", path, body)

    async def patch(self, path: str, body: Any) -> Any:
        return await self._change("PATCH", path, body)

    async def delete(self, path: str) -> Any:
        return await self._change("DELETE", path, None)

    async def _change(self, method: str, path: str, body: Any) -> Any:
        if self.modes.read_only:
            raise ServerRefusal(403, READ_ONLY.in_(self.language))
        what = {} if body is None else {"json": body}
        return self.modes.hide(await self.server.control(method, path, **what))


@dataclass(frozen=True)
class Page:
    """What the builder of a page gets."""

    request: Request
    api: PageApi
    language: Language
    modes: Modes

    @property
    def corpid(self) -> str:
        corpid: str = self.request.path_params["corpid"]
        return corpid

    @property
    def prefix(self) -> str:
        """Where the console is: /console, or nothing where it runs apart. NiceGUI's links have it already."""
        root: str = self.request.scope.get("root_path", "")
        return root

    def words(self, texts: Texts) -> Words:
        return Words(texts, self.language)

    def link(self, path: str) -> str:
        """The target of `ui.link`: `page.link("/calls")` is a page of the same corp."""
        return f"/corps/{segment(self.corpid)}{path}"

    def api_path(self, path: str) -> str:
        """Where a script asks /_sim for this corp: `page.api_path("/calls")`."""
        return f"{self.prefix}/api/_sim/corps/{segment(self.corpid)}{path}"

    def param(self, name: str, default: str = "") -> str:
        """A part of the path, or else of the query."""
        value: str = self.request.path_params.get(name) or self.request.query_params.get(name, default)
        return value


MISSING = "/missing"
"""Where requests for unknown pages are led."""

Builder = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True)
class Declared:
    """A page. `order` is its place in the menu, None for one that others lead to."""

    path: str
    title: Text
    build: Builder
    icon: str
    order: int | None


PAGES: dict[str, Declared] = {}


def console_page(
    path: str, title: Text, *, icon: str = "", order: int | None = None
) -> Callable[[Builder], Builder]:
    """Declares the page at `path`, below /console. Its builder puts elements into the page's content.

    A page of a corp begins with `/corps/{corpid}/`. `icon`: a name of Material Icons.
    """

    def declare(build: Builder) -> Builder:
        PAGES[path] = Declared(path, title, build, icon, order)
        return build

    return declare
