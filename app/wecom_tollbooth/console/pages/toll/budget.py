"""The budget of a corp: see it, set it, and what is spent so far."""

from wecom_tollbooth.console.page import READ_ONLY, Page, console_page
from wecom_tollbooth.console.pages.toll.shared import PARTS, PATH, STATES, Component, budget_of, head
from wecom_tollbooth.console.words import Text

TITLE = Text("预算", "Budget")
TEXTS = {
    **STATES,
    "about": Text(
        "一个月最多花多少。到了百分比就提醒；用完后可以拦截调用。",
        "What a month may cost. Percentages raise alerts; once it is spent, calls can be refused.",
    ),
    "none": Text("还没有预算。在下面设一个。", "There is no budget yet. Set one below."),
    "spent_so_far": Text("已花", "Spent so far"),
    "left": Text("剩余", "Left"),
    "paid": Text("已付", "Paid"),
    "of_budget": Text("预算的 {share} %", "{share} % of the budget"),
    "blocked": Text("正在拦截调用（701063）", "calls are refused (701063)"),
    "open": Text("调用照常", "calls are answered"),
    "alerted": Text("已提醒 {percent} %", "{percent} % alert sent"),
    "set": Text("设置预算", "Set a budget"),
    "change": Text("修改预算", "Change the budget"),
    "amount": Text("每月金额，到分", "Amount of a month, to the fen"),
    "alerts": Text("提醒的百分比，用逗号分隔", "Percentages that raise an alert, with commas between"),
    "barrier": Text("用完以后", "Once it is spent"),
    "soft": Text("只提醒", "Alerts only"),
    "hard": Text("拦截后续调用", "Refuse further calls"),
    "save": Text("保存", "Save"),
    "pay": Text("付清已花的", "Pay what is spent"),
    "remove": Text("删除预算", "Delete the budget"),
    "saved": Text("已保存", "Saved"),
    "was_paid": Text("已付清", "Paid"),
    "removed": Text("已删除", "Deleted"),
    "read_only": READ_ONLY,
}


class Budget(Component, component="browser/budget.js", esm=PARTS):
    pass


@console_page(f"{PATH}/budget", TITLE)
async def budget(page: Page) -> None:
    words = page.words(TEXTS)
    head(page, "/budget", TITLE.in_(page.language), words("about"))
    Budget(
        corpid=page.corpid,
        texts=words.all(),
        budget=await budget_of(page),
        readonly=page.modes.read_only,
    )
