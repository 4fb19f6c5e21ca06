"""What surrounds every page: head, menu, corp, language and modes."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from starlette.requests import Request

from wecom_tollbooth import __version__
from wecom_tollbooth.console import parts
from wecom_tollbooth.console.guard import Modes
from wecom_tollbooth.console.page import PAGES, Declared, Page, PageApi
from wecom_tollbooth.console.server_api import ServerApi, ServerRefusal, segment
from wecom_tollbooth.console.words import CHINESE, ENGLISH, Language, Text, Words

CORP = "/corps/{corpid}"
BRAND, BAD = "#1f5fbf", "#b3261e"
"""As in console.css; Quasar's own have too little contrast."""

TEXTS = {
    "menu": Text("菜单", "Menu"),
    "skip": Text("跳到内容", "Skip to the content"),
    "corps": Text("全部企业", "All corps"),
    "docs": Text("接口文档", "API reference"),
    "view": Text("显示方式", "View"),
    "language": Text("语言", "Language"),
    "read_only": Text("只读", "Read-only"),
    "read_only_about": Text("不能修改任何内容", "Nothing can be changed"),
    "presenter": Text("演示", "Presenter"),
    "presenter_about": Text("隐藏密钥", "Secrets are hidden"),
    "apply": Text("应用", "Apply"),
    "logout": Text("退出登录", "Log out"),
    "no_corp": Text("没有这个企业：{corpid}", "There is no corp {corpid}"),
}


async def serve_page(
    declared: Declared, request: Request, server: ServerApi, language: Language, modes: Modes
) -> None:
    """Builds a page inside the frame. What the server refuses is shown in its place."""
    page = Page(request, PageApi(server, modes, language), language, modes)
    ui.page_title(f"{declared.title.in_(language)} · WeCom Tollbooth")
    ui.colors(primary=BRAND, negative=BAD)
    files = f"{page.prefix}/files"
    ui.add_head_html(
        f'<link rel="stylesheet" href="{files}/console.css?{__version__}">'
        f'<script src="{files}/console.js?{__version__}" data-prefix="{page.prefix}"></script>'
    )
    corp: Mapping[str, Any] | None = None
    refusal: ServerRefusal | None = None
    try:
        if "corpid" in request.path_params:
            corp = await page.api.get(f"/corps/{segment(page.corpid)}")
    except ServerRefusal as refused:
        refusal = refused
    words = page.words(TEXTS)
    _head(page, words, corp, declared)
    with ui.element("div").classes("page").props('id="content" tabindex="-1"'):
        if refusal is not None:
            parts.error(page, str(refusal))
            return
        try:
            await declared.build(page)
        except ServerRefusal as refused:
            parts.error(page, str(refused))


def _head(page: Page, words: Words, corp: Mapping[str, Any] | None, shown: Declared) -> None:
    ui.link(words("skip"), "#content").classes("skip")
    with ui.header().classes("bar"):
        drawer = _menu(page, words, shown) if corp is not None else None
        if drawer is not None:
            menu = ui.button(icon="menu", on_click=drawer.toggle)
            menu.props(f'flat dense round aria-label="{words("menu")}"').classes("bar-menu")
        # On a phone the name isn't shown, so the link has a label of its own.
        with ui.link(target="/").classes("brand").props('aria-label="WeCom Tollbooth"'):
            mark = ui.element("img").props(f'src="{page.prefix}/files/favicon.svg" alt=""')
            mark.classes("brand-mark")
            ui.label("WeCom Tollbooth").classes("brand-name")
        if corp is not None:
            with ui.link(target="/").classes("bar-corp").tooltip(words("corps")):
                ui.label(corp["name"])
        ui.space()
        for mode in ("read_only", "presenter"):
            if getattr(page.modes, mode):
                ui.label(words(mode)).classes("bar-mode")
        _view(page, words)


def _menu(page: Page, words: Words, shown: Declared) -> ui.left_drawer:
    # The drawer stands beside the head, not in it.
    with ui.context.client.content, ui.left_drawer().props("bordered breakpoint=900 width=208") as drawer:
        drawer.classes("menu")
        with ui.element("nav").props(f'aria-label="{words("menu")}"'):
            entries = (one for one in PAGES.values() if one.order is not None and one.path.startswith(CORP))
            for entry in sorted(entries, key=lambda one: one.order or 0):
                with ui.link(target=page.link(entry.path.removeprefix(CORP))).classes("menu-entry") as link:
                    ui.icon(entry.icon).props("aria-hidden=true")
                    ui.label(entry.title.in_(page.language))
                if shown.path == entry.path or shown.path.startswith(f"{entry.path}/"):
                    link.props('aria-current="page"')
    return drawer


def _view(page: Page, words: Words) -> None:
    """Language and modes: forms, so that they work for every page alike and cost no connection."""
    with (
        ui.button(icon="tune").props(f'flat dense round aria-label="{words("view")}"'),
        ui.menu().props('auto-close="false"'),
        ui.element("div").classes("view"),
    ):
        with _form(page):
            for language, name in ((CHINESE, "简体中文"), (ENGLISH, "English")):
                one = ui.element("button").props(f'type="submit" name="language" value="{language}"')
                one.props(f'lang="{language}"').classes("choice")
                if language == page.language:
                    one.props('aria-pressed="true"')
                with one:
                    ui.label(name)
        with _form(page):
            ui.element("input").props('type="hidden" name="modes" value="1"')
            for mode in ("read_only", "presenter"):
                with ui.element("label").classes("check"):
                    box = ui.element("input").props(f'type="checkbox" name="{mode}"')
                    if getattr(page.modes, mode):
                        box.props("checked")
                    with ui.column().classes("gap-0"):
                        ui.label(words(mode))
                        ui.label(words(f"{mode}_about")).classes("faint")
            with ui.element("button").props('type="submit"').classes("choice"):
                ui.label(words("apply"))
        if page.api.server.has_token:
            with _form(page, "/logout"), ui.element("button").props('type="submit"').classes("choice"):
                ui.label(words("logout"))


def _form(page: Page, path: str = "/choose") -> ui.element:
    form = ui.element("form").props(f'method="post" action="{page.prefix}{path}"')
    query = page.request.url.query
    shown = page.request.scope["path"].removeprefix(f"{page.prefix}/{page.language}")
    back = page.prefix + shown + (f"?{query}" if query else "")
    with form:
        hidden = ui.element("input").props('type="hidden" name="back"')
        hidden.props["value"] = back
    return form
