"""The statement of a chosen month, which rises while calls come in."""

from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.toll.shared import (
    COLUMNS,
    PARTS,
    PATH,
    STATES,
    TITLE,
    UNITS,
    Component,
    budget_of,
    head,
)
from wecom_tollbooth.console.words import Text

TEXTS = {
    **STATES,
    **UNITS,
    **COLUMNS,
    "about": Text(
        "一个月的调用和联系人值多少钱。点一行，看它背后的记录。",
        "What the calls and contacts of a month cost. Click a line for the records behind it.",
    ),
    "before": Text("上个月", "The month before"),
    "after": Text("下个月", "The month after"),
    "month": Text("月份", "Month"),
    "now": Text("回到当月", "Back to this month"),
    "files": Text("其他格式", "Other formats"),
    "print": Text("打印", "Print"),
    "due": Text("应付（模拟）", "Due (simulated)"),
    "live": Text("实时", "live"),
    "budget": Text("本月预算", "Budget of the month"),
    "spent": Text("已花 {share} %", "{share} % spent"),
    "blocked": Text("正在拦截调用", "calls are refused"),
    "simulated": Text(
        "模拟账单：由模拟器计算，不是企业微信的账单，无需付款。",
        "Simulated bill: calculated by a simulator; not a bill of WeCom, nothing to pay.",
    ),
    "empty": Text("这个月没有用量。", "Nothing was used in this month."),
    "once": Text(
        "每行只在最后四舍五入到分一次；合计是各行之和。",
        "Each line is rounded once, half up, to the fen; the total is the sum of the lines.",
    ),
}


class Statement(Component, component="browser/statement.js", esm=PARTS):
    pass


@console_page(PATH, TITLE, icon="receipt_long", order=70)
async def bill(page: Page) -> None:
    words = page.words(TEXTS)
    head(page, "", TITLE.in_(page.language), words("about"))
    Statement(
        corpid=page.corpid,
        chosen=page.param("month"),
        lang=page.language,
        texts=words.all(),
        budget=await budget_of(page),
    )
