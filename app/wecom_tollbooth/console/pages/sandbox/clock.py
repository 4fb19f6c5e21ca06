"""The corp's clock: where it stands, and moving it."""

import calendar
from datetime import datetime

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

HOUR, DAY = 3600, 86_400
TEXTS = {
    "title": Text("时钟", "Clock"),
    "follows": Text("跟随服务的时钟", "Follows the server's clock"),
    "own": Text("自己的时钟", "Has a clock of its own"),
    "frozen": Text("已停住", "Stands still"),
    "hour": Text("+1 小时", "+1 hour"),
    "day": Text("+1 天", "+1 day"),
    "month": Text("+1 个月", "+1 month"),
    "freeze": Text("停住", "Freeze"),
    "unfreeze": Text("继续走", "Let it run"),
    "follow": Text("重新跟随服务", "Follow the server again"),
    "set": Text("设为（北京时间）", "Set to (Beijing time)"),
    "apply": Text("设置", "Set"),
    "moved": Text("时钟已移动，到期的事都已办完", "The clock has moved; what fell due is done"),
}


async def clock_card(page: Page) -> None:
    words, path = page.words(TEXTS), f"/corps/{segment(page.corpid)}/clock"

    async def move(**how: object) -> None:
        if await parts.attempt(page, page.api.post(path, how), words("moved")):
            await shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        clock = await page.api.get(path)
        at = datetime.fromisoformat(clock["iso"])
        with ui.element("div"):
            ui.label(at.strftime("%Y-%m-%d %H:%M:%S")).classes("figure").props('data-figure="clock"')
            ui.label(words("follows" if clock["follows_server"] else "own")).classes("faint")
        if clock["frozen"]:
            ui.label(words("frozen")).classes("chip warn")
        with ui.row().classes("buttons"):
            parts.button(words("hour"), lambda: move(advance_seconds=HOUR), page)
            parts.button(words("day"), lambda: move(advance_seconds=DAY), page)
            parts.button(words("month"), lambda: move(advance_seconds=_seconds_of_month(at)), page)
            frozen: bool = clock["frozen"]
            parts.button(words("unfreeze" if frozen else "freeze"), lambda: move(freeze=not frozen), page)
            if not clock["follows_server"]:
                parts.button(words("follow"), lambda: move(follow_server=True), page)
        with ui.row().classes("buttons"):
            wanted = ui.input(words("set"), value=at.strftime("%Y-%m-%dT%H:%M"))
            wanted.props('type="datetime-local" dense outlined stack-label')
            parts.button(words("apply"), lambda: move(set=f"{wanted.value}:00+08:00"), page)

    ui.label(words("title")).classes("card-title").props('role="heading" aria-level="2"')
    await shown()


def _seconds_of_month(at: datetime) -> int:
    """To the same day of the next month, or its last."""
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    day = min(at.day, calendar.monthrange(year, month)[1])
    return int((at.replace(year=year, month=month, day=day) - at).total_seconds())
