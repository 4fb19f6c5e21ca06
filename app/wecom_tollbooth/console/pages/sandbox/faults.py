"""Planned faults: those of the corp, and a form for another."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

TEXTS = {
    "title": Text("故障", "Faults"),
    "about": Text("让接下来的调用出错、变慢或断开。", "Let coming calls fail, wait or break off."),
    "path": Text("接口，* 为全部", "Operation, * for all"),
    "kind": Text("发生什么", "What happens"),
    "times": Text("次数（留空为一直）", "Times (empty: until deleted)"),
    "probability": Text("概率 0 到 1", "Probability, 0 to 1"),
    "value": Text("值", "Value"),
    "plan": Text("预设", "Plan"),
    "planned": Text("故障已预设", "The fault is planned"),
    "fired": Text("已发生 {fired} 次", "fired {fired} times"),
    "delete": Text("删除", "Delete"),
    "deleted": Text("故障已删除", "The fault is deleted"),
    "none": Text("没有预设故障。", "No fault is planned."),
    "errcode": Text("返回错误码", "Answers an errcode"),
    "http_status": Text("返回 HTTP 状态", "Answers an HTTP status"),
    "delay_ms": Text("等待（毫秒）", "Waits, ms"),
    "before": Text("执行前断开", "Breaks off before it is done"),
    "mid_body": Text("返回一半时断开", "Breaks off in the middle of the answer"),
    "after_commit": Text("执行后不返回", "Is done, and no answer comes"),
    "expire_token": Text("token 立即过期", "Its token expires"),
    "rate_limit": Text("触发频率限制", "Meets the rate limit"),
}
NUMBERS: dict[str, int] = {"errcode": -1, "http_status": 502, "delay_ms": 3000}
KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "errcode": lambda value: {"errcode": value},
    "http_status": lambda value: {"http_status": value},
    "delay_ms": lambda value: {"delay_ms": value},
    "before": lambda _: {"disconnect": "before"},
    "mid_body": lambda _: {"disconnect": "mid_body"},
    "after_commit": lambda _: {"disconnect": "after_commit"},
    "expire_token": lambda _: {"expire_token": True},
    "rate_limit": lambda _: {"rate_limit": "minute"},
}


async def faults_card(page: Page) -> None:
    words, path = page.words(TEXTS), f"/corps/{segment(page.corpid)}/faults"

    async def delete(fault: int) -> None:
        if await parts.attempt(page, page.api.delete(f"{path}/{fault}"), words("deleted")):
            await shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        faults = (await page.api.get(path))["faults"]
        if not faults:
            ui.label(words("none")).classes("faint")
        for fault in faults:
            with ui.row().classes("line"):
                with ui.element("div").classes("grow"):
                    ui.label(fault["path"]).classes("strong mono")
                    ui.label(json.dumps(fault["then"], ensure_ascii=False)).classes("mono faint")
                ui.label(words("fired", fired=fault["fired"])).classes("chip")
                button = parts.button(words("delete"), partial(delete, fault["id"]), page)
                button.props(f'flat aria-label="{words("delete")} {fault["path"]}"')

    async def plan() -> None:
        number = int(value.value or 0) if kind.value in NUMBERS else 0
        wanted: dict[str, Any] = {"path": operation.value.strip(), "then": KINDS[kind.value](number)}
        if times.value is not None:
            wanted["times"] = int(times.value)
        if probability.value is not None:
            wanted["probability"] = probability.value
        if await parts.attempt(page, page.api.post(path, wanted), words("planned")):
            await shown.refresh()

    ui.label(words("title")).classes("card-title").props('role="heading" aria-level="2"')
    ui.label(words("about")).classes("faint")
    operation = ui.input(words("path"), value=page.param("path", "*")).props("dense outlined stack-label")
    with ui.row().classes("buttons"):
        kind = ui.select({name: words(name) for name in KINDS}, label=words("kind"), value="errcode")
        kind.props("dense outlined options-dense").classes("grow")
        value = ui.number(words("value"), value=NUMBERS["errcode"]).props("dense outlined").classes("short")
    with ui.row().classes("buttons"):
        times = ui.number(words("times"), value=1, min=1).props("dense outlined").classes("grow")
        probability = ui.number(words("probability"), min=0, max=1, step=0.1).props("dense outlined")
        probability.classes("grow")

    def show_value(changed: Any) -> None:
        value.set_visibility(changed.value in NUMBERS)
        value.set_value(NUMBERS.get(changed.value))

    kind.on_value_change(show_value)
    with ui.row().classes("buttons"):
        parts.button(words("plan"), plan, page)
    ui.separator()
    await shown()
