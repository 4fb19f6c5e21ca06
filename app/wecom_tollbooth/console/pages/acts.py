"""Acts: what people do outside of the API, each as a form made from its schema."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import CHINESE, Text

TITLE = Text("业务动作", "Acts")
TEXTS = {
    "about": Text(
        "客户、成员和管理员在接口之外做的事。每个动作都会触发应有的回调。",
        "What customers, members and admins do outside of the API. Each raises the callbacks that it should.",
    ),
    "search": Text("搜索动作", "Find an act"),
    "choose": Text("从左边选择一个动作。", "Choose an act on the left."),
    "perform": Text("执行", "Perform"),
    "done": Text("已执行", "Done"),
    "optional": Text("可不填", "optional"),
    "json": Text("JSON", "JSON"),
    "commas": Text("用逗号分隔", "commas between"),
    "bad_json": Text("{field} 不是 JSON", "{field} is no JSON"),
    "unset": Text("（默认）", "(default)"),
    "answer": Text("结果", "What came of it"),
    "unknown": Text("没有这个动作", "There is no such act"),
}
Reader = Callable[[], Any]
NOT_GIVEN = object()


@console_page("/corps/{corpid}/acts", TITLE, icon="theater_comedy", order=90)
async def acts(page: Page) -> None:
    await _show(page, None)


@console_page("/corps/{corpid}/acts/{act}", TITLE)
async def act(page: Page) -> None:
    await _show(page, page.param("act"))


async def _show(page: Page, chosen: str | None) -> None:
    words = page.words(TEXTS)
    found = (await page.api.get("/acts"))["acts"]
    parts.heading(TITLE.in_(page.language), words("about"))
    with ui.element("div").classes("two-columns"):
        _list(page, found, chosen)
        with ui.element("section").classes("card stack"):
            shown = next((one for one in found if one["act"] == chosen), None)
            if shown is not None:
                _form(page, shown)
            else:
                parts.empty(words("choose" if chosen is None else "unknown"))


def _list(page: Page, found: list[dict[str, Any]], chosen: str | None) -> None:
    words = page.words(TEXTS)
    entries = []
    with ui.element("div").classes("card stack acts"):
        wanted = ui.input(words("search")).props("dense outlined clearable debounce=150")
        with ui.element("nav").props(f'aria-label="{TITLE.in_(page.language)}"'):
            for one in found:
                title = _one_language(one["title"], page)
                with ui.link(target=page.link(f"/acts/{segment(one['act'])}")).classes("act-entry") as entry:
                    ui.label(title)
                    ui.label(one["act"]).classes("mono faint")
                if one["act"] == chosen:
                    entry.props('aria-current="page"')
                entries.append((f"{one['title']} {one['act']}".lower(), entry))

    def narrow(changed: Any) -> None:
        asked = (changed.value or "").strip().lower()
        for text, entry in entries:
            entry.set_visibility(asked in text)

    wanted.on_value_change(narrow)


def _form(page: Page, shown: Mapping[str, Any]) -> None:
    words, schema = page.words(TEXTS), shown["fields"]
    required = schema.get("required", ())
    ui.label(_one_language(shown["title"], page)).classes("card-title").props('role="heading" aria-level="2"')
    ui.label(shown["act"]).classes("mono faint")
    readers: dict[str, Reader] = {}
    for name, field in schema["properties"].items():
        readers[name] = _field(page, name, field, is_required=name in required)
    result = ui.element("div").classes("stack")

    async def perform() -> None:
        body: dict[str, Any] = {"act": shown["act"]}
        for name, reader in readers.items():
            try:
                given = reader()
            except ValueError:
                ui.notify(words("bad_json", field=name), type="negative")
                return
            if given is not NOT_GIVEN:
                body[name] = given
        answer = await parts.attempt(
            page, page.api.post(f"/corps/{segment(page.corpid)}/acts", body), words("done")
        )
        if answer:
            result.clear()
            with result:
                ui.label(words("answer")).classes("strong")
                text = json.dumps(answer, ensure_ascii=False, indent=2)
                ui.label(text).classes("mono answer").props('role="status"')

    with ui.row().classes("buttons"):
        parts.button(words("perform"), perform, page)
    result.move(target_index=-1)


def _field(page: Page, name: str, field: Mapping[str, Any], *, is_required: bool) -> Reader:
    """The input of one field; what it returns reads it, and raises ValueError for broken JSON."""
    words = page.words(TEXTS)
    kind = _kind(field)
    given = page.request.query_params.get(name, "")
    hints = [_one_language(field["description"], page)] if "description" in field else []
    if kind in ("list", "json"):
        hints.append(words("commas" if kind == "list" else "json"))
    if not is_required:
        hints.append(words("optional"))
    hint = " · ".join(hints)
    if kind == "boolean":
        choices = {"": words("unset"), "true": "true", "false": "false"}
        choice = ui.select(choices, label=name, value=given if given in choices else "")
        choice.props("dense outlined options-dense stack-label").props["hint"] = hint
        return lambda: NOT_GIVEN if choice.value == "" else choice.value == "true"
    if kind == "enum":
        values = {"": words("unset"), **{str(one): str(one) for one in _without_null(field)["enum"]}}
        picked = ui.select(values, label=name, value=given if given in values else "")
        picked.props("dense outlined options-dense stack-label").props["hint"] = hint
        return lambda: NOT_GIVEN if picked.value == "" else picked.value
    text = ui.textarea(name, value=given) if kind == "json" else ui.input(name, value=given)
    text.props("dense outlined stack-label autogrow" if kind == "json" else "dense outlined stack-label")
    text.props["hint"] = hint
    if kind in ("integer", "number"):
        text.props('inputmode="decimal"')
    return lambda: _value(kind, text.value or "", field)


def _value(kind: str, text: str, field: Mapping[str, Any]) -> Any:
    text = text.strip()
    if text == "":
        return NOT_GIVEN
    if kind in ("json", "integer", "number"):
        return json.loads(text)
    if kind == "list":
        items = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
        numbers = _without_null(field).get("items", {}).get("type") == "integer"
        return [int(one) for one in items] if numbers else items
    return text


def _kind(field: Mapping[str, Any]) -> str:
    shape = _without_null(field)
    if "enum" in shape:
        return "enum"
    kind = shape.get("type", "json")
    if kind == "array":
        return "list" if shape.get("items", {}).get("type") in ("string", "integer") else "json"
    return kind if kind in ("string", "integer", "number", "boolean") else "json"


def _without_null(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shape itself of a field that may be null."""
    shapes = [shape for shape in field.get("anyOf", ()) if shape.get("type") != "null"]
    return shapes[0] if len(shapes) == 1 else field


def _one_language(text: str, page: Page) -> str:
    """The reader's half of `中文 / English`."""
    zh, slash, en = text.partition(" / ")
    if not slash:
        return text
    return zh if page.language == CHINESE else en
