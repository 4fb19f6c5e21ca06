"""From a line of the bill to its records, and from a record to its call."""

import json
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.toll.shared import (
    COLUMNS,
    PARTS,
    PATH,
    STATES,
    UNITS,
    Component,
    anchor,
    facts,
    grouped,
    head,
    in_chinese,
    table,
    title_of,
)
from wecom_tollbooth.console.server_api import ServerRefusal, segment
from wecom_tollbooth.console.words import Text, Words

SHANGHAI = timezone(timedelta(hours=8))

TITLE = Text("账单行", "Line of the statement")
RECORD = Text("账本记录", "Ledger record")
TEXTS = {
    **STATES,
    **UNITS,
    **COLUMNS,
    "none": Text("{month} 的账单没有这一行：{meter}", "The statement of {month} has no line {meter}"),
    "back": Text("回到账单", "Back to the statement"),
    "sum": Text("算式", "Sum"),
    "units": Text("单位", "Units"),
    "steps": Text("计算过程", "Calculation"),
    "flat": Text("固定金额", "Flat amount"),
    "parts": Text("组成", "Parts"),
    "part": Text("接口或日期", "Operation or day"),
    "source": Text("价格来源", "Source of the price"),
    "trusted": Text("（{how}）", " ({how})"),
    "book": Text("价目表", "Price book"),
    "records": Text("账本记录", "Ledger records"),
    "only": Text("只看 {operation}", "Only {operation}"),
    "every": Text("全部接口", "All operations"),
    "record": Text("编号", "Id"),
    "at": Text("时间", "Time"),
    "operation": Text("接口", "Operation"),
    "app": Text("应用", "App"),
    "more": Text("再看 50 条", "50 more"),
    "so_many": Text("前 {count} 条", "The first {count}"),
    "all_of_them": Text("共 {count} 条", "{count} in all"),
    "no_records": Text("没有记录。", "No records."),
    "no_record": Text("账本没有编号为 {number} 的记录。", "The ledger has no record {number}."),
    "meter": Text("计量项", "Meter"),
    "subject": Text("对象", "Subject"),
    "reverses": Text("冲销", "Reverses"),
    "reason": Text("说明", "Reason"),
    "call": Text("对应的调用", "Its call"),
    "no_call": Text(
        "日志里没有这次调用：它来自业务动作，或者日志已经不再保留。",
        "The journal has no call of it: an act caused it, or the journal no longer keeps it.",
    ),
    "request": Text("请求", "Request"),
    "answer": Text("响应", "Reply"),
    "took": Text("用时", "Took"),
    "detail": Text("说明", "Detail"),
    "open_call": Text("在调用日志中打开", "Open in the journal"),
}


class Records(Component, component="browser/records.js", esm=PARTS):
    pass


@console_page(f"{PATH}/lines/{{meter}}", TITLE)
async def line_of_bill(page: Page) -> None:
    words, meter, operation = page.words(TEXTS), page.param("meter"), page.param("operation")
    statement = await page.api.get(
        f"/corps/{segment(page.corpid)}/statement", month=page.param("month") or None
    )
    month = statement["month"]
    lines = [line for line in statement["lines"] if line["meter"] == meter]
    head(page, None, f"{title_of(page, lines[0]) if lines else meter} · {month}")
    ui.link(words("back"), page.link(f"/toll?month={month}"))
    if not lines:
        parts.empty(words("none", month=month, meter=meter))
        return
    for line in lines:
        _line(page, words, line, statement["currency"])
    here = f"/toll/lines/{segment(meter)}?month={month}"
    ui.html(escape(words("records")), tag="h2", sanitize=False)
    if operation:
        with ui.row().classes("items-center"):
            ui.label(words("only", operation=operation)).classes("mono")
            ui.link(words("every"), page.link(here))
    Records(
        corpid=page.corpid,
        month=month,
        meter=meter,
        operation=operation,
        lang=page.language,
        texts=words.all(),
    )


def _line(page: Page, words: Words, line: dict[str, Any], currency: str) -> None:
    source = line["source_zh"] if in_chinese(page) else line["source"]
    unit = words("package") if line["model"] == "package" else words(f"per_{line['per']}")
    price = "" if line["unit_price"] is None else f"{grouped(line['unit_price'])} / {unit}"
    amount = f"<b>{grouped(line['amount'])} {escape(currency)}</b>"
    adjusted = f" {escape(words(line['adjusted']))}" if line["adjusted"] else ""
    trusted = words("trusted", how=words(line["confidence"])) if line["confidence"] else ""
    facts(
        [
            (words("amount"), amount + adjusted),
            (words("sum"), escape(line["sum"])),
            (words("quantity"), grouped(line["quantity"])),
            (words("free"), grouped(line["free"]) if line["free"] else ""),
            (words("price"), escape(price)),
            (words("days"), f"{line['since']} – {line['until']}"),
            (words("book"), escape(line["price_book"] or "")),
            (words("source"), escape(source + trusted) if source else ""),
        ]
    )
    if len(line["steps"]) > 1:
        ui.html(escape(words("steps")), tag="h2", sanitize=False)
        table(
            [words("units"), words("quantity"), words("price"), words("flat")],
            [
                [_units(step), grouped(step["quantity"]), grouped(step["unit_price"]), grouped(step["flat"])]
                for step in line["steps"]
            ],
            numbers=(1, 2, 3),
        )
    if line["made_of"]:
        ui.html(escape(words("parts")), tag="h2", sanitize=False)
        month = line["since"][:7]
        rows = [[_part(page, part, line, month), grouped(part["quantity"])] for part in line["made_of"]]
        table([words("part"), words("quantity")], rows, numbers=(1,))


def _units(step: dict[str, Any]) -> str:
    first = grouped(step["from"] + 1)
    return f"{first}+" if step["to"] is None else f"{first}–{grouped(step['to'])}"


def _part(page: Page, part: dict[str, Any], line: dict[str, Any], month: str) -> str:
    if "operation" not in part:
        return escape(part.get("day", ""))
    asked = f"?month={month}&operation={segment(part['operation'])}"
    link = anchor(page, f"/toll/lines/{segment(line['meter'])}{asked}", part["operation"], "mono toll-any")
    return link + (f" <span class=chip>errcode {part['errcode']}</span>" if "errcode" in part else "")


@console_page(f"{PATH}/records/{{number}}", RECORD)
async def record(page: Page) -> None:
    words, number = page.words(TEXTS), page.param("number")
    corp = f"/corps/{segment(page.corpid)}"
    head(page, None, f"{RECORD.in_(page.language)} {number}")
    try:
        one = await page.api.get(f"{corp}/ledger/{segment(number)}")
    except ServerRefusal as refused:
        if refused.status not in (404, 422):
            raise
        parts.empty(words("no_record", number=number), words("back"), page.link("/toll"))
        return
    at = datetime.fromtimestamp(one["at"], SHANGHAI)
    meter = "refused" if one["errcode"] else one["meter"]
    back = f"/toll/lines/{segment(meter)}?month={at:%Y-%m}"
    facts(
        [
            (words("at"), f"{at:%Y-%m-%d %H:%M:%S}"),
            (words("operation"), f"<span class='mono toll-any'>{escape(one['operation'])}</span>"),
            (words("meter"), anchor(page, back, meter, "mono")),
            (words("quantity"), grouped(one["quantity"])),
            ("errcode", str(one["errcode"])),
            (words("app"), str(one["agentid"] or "")),
            (
                words("subject"),
                f"<span class='mono toll-any'>{escape(one['subject'])}</span>" * bool(one["subject"]),
            ),
            (
                words("reverses"),
                anchor(page, f"/toll/records/{one['reverses']}", str(one["reverses"]))
                * (one["reverses"] is not None),
            ),
            (words("reason"), escape(one["reason"])),
        ]
    )
    ui.html(escape(words("call")), tag="h2", sanitize=False)
    calls = (await page.api.get(f"{corp}/calls", usage_id=number))["calls"]
    if not calls:
        parts.empty(words("no_call"))
        return
    _call(page, words, calls[0])


def _call(page: Page, words: Words, call: dict[str, Any]) -> None:
    request, answer = call["request"], call["answer"]
    facts(
        [
            (
                words("request"),
                f"<span class='mono toll-any'>{escape(request['method'])} {escape(request['path'])}</span>",
            ),
            ("errcode", escape(str(answer["errcode"]))),
            (words("took"), f"{call['duration_us'] / 1000:.1f} ms"),
            (words("detail"), escape(call["detail"])),
        ]
    )
    ui.link(words("open_call"), page.link(f"/calls/{segment(call['hint'])}"))
    with ui.element("div").classes("toll-two"):
        for name, shown in (("request", request), ("answer", answer)):
            with ui.element("div").classes("card"):
                ui.html(escape(words(name)), tag="h2", sanitize=False)
                text = json.dumps(shown, ensure_ascii=False, indent=2)
                ui.html(escape(text), tag="pre", sanitize=False).classes("toll-json").props("tabindex=0")
