"""Snapshots of the corp, the way back to its seed, its export file, and its deletion."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

TEXTS = {
    "title": Text("快照", "Snapshots"),
    "none": Text("还没有快照。", "There is no snapshot yet."),
    "name": Text("名称", "Name"),
    "take": Text("保存快照", "Take a snapshot"),
    "taken": Text("已保存快照 {name}", "Snapshot {name} is taken"),
    "restore": Text("恢复", "Restore"),
    "restored": Text("已恢复到 {name}", "Back at {name}"),
    "delete": Text("删除", "Delete"),
    "deleted": Text("已删除 {name}", "{name} is deleted"),
    "rows": Text("{rows} 行，{kib} KiB，{at}", "{rows} rows, {kib} KiB, {at}"),
    "reset": Text("回到初始数据", "Back to the seed"),
    "reset_ask": Text(
        "客户、跟进、标签、消息和账单都回到新建时的样子，快照保留。",
        "Customers, follow-ups, tags, messages and the bill go back to how they began. Snapshots stay.",
    ),
    "reset_done": Text("已回到初始数据", "Back at the seed"),
    "export": Text("导出", "Export"),
    "remove": Text("删除企业", "Delete the corp"),
    "remove_ask": Text(
        "企业和它的全部数据都将删除，不能恢复。", "The corp goes with all its data, for good."
    ),
}
BEIJING = timedelta(hours=8)


async def snapshots_card(page: Page) -> None:
    words, corp = page.words(TEXTS), f"/corps/{segment(page.corpid)}"

    async def after(work: Any, done: str) -> None:
        if await parts.attempt(page, work, done):
            await shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        found = (await page.api.get(f"{corp}/snapshots"))["snapshots"]
        if not found:
            ui.label(words("none")).classes("faint")
        for one in found:
            _line(page, one, after)

    async def take() -> None:
        given = name.value.strip()
        await after(page.api.post(f"{corp}/snapshots", {"name": given}), words("taken", name=given))

    async def reset() -> None:
        await after(page.api.post(f"{corp}/reset"), words("reset_done"))

    async def remove() -> None:
        if await parts.attempt(page, page.api.delete(corp)):
            ui.navigate.to("/")

    ui.label(words("title")).classes("card-title").props('role="heading" aria-level="2"')
    with ui.row().classes("buttons"):
        name = ui.input(words("name"), value="demo").props("dense outlined stack-label")
        parts.button(words("take"), take, page)
    await shown()
    ui.separator()
    with ui.row().classes("buttons"):
        parts.asking_button(page, words("reset"), words("reset_ask"), reset)
        with ui.link(target=f"/api/_sim{corp}/export").classes("plain-button"):
            ui.label(words("export"))
        parts.asking_button(page, words("remove"), words("remove_ask"), remove).props(
            "color=negative outline"
        )


def _line(page: Page, one: dict[str, Any], after: Any) -> None:
    words, name = page.words(TEXTS), one["name"]
    path = f"/corps/{segment(page.corpid)}/snapshots/{segment(name)}"
    at = (datetime.fromtimestamp(one["taken_at"], UTC) + BEIJING).strftime("%m-%d %H:%M")
    with ui.row().classes("line"):
        with ui.element("div").classes("grow"):
            ui.label(name).classes("strong")
            figures = words("rows", rows=f"{one['rows']:,}", kib=f"{one['bytes'] / 1024:,.0f}", at=at)
            ui.label(figures).classes("faint")
        restore = parts.button(
            words("restore"),
            lambda: after(page.api.post(f"{path}/restore"), words("restored", name=name)),
            page,
        )
        restore.props(f'aria-label="{words("restore")} {name}"')
        delete = parts.button(
            words("delete"), lambda: after(page.api.delete(path), words("deleted", name=name)), page
        )
        delete.props(f'flat aria-label="{words("delete")} {name}"')
