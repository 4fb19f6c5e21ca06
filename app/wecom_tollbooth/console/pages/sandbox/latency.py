"""How long answers wait in this corp."""

from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

TEXTS = {
    "title": Text("延迟", "Latency"),
    "about": Text(
        "article-2025：跟进记录超过约 400 条后，跟进接口越来越慢，和文章里写的一样。",
        "article-2025: follow-up operations slow down above about 400 records, as the article says.",
    ),
    "profile": Text("配置", "Profile"),
    "none": Text("不延迟", "None"),
    "article": Text("article-2025（文章描述的延迟）", "article-2025 (the article's lag)"),
    "own": Text("自定义", "Figures of your own"),
    "scope": Text("哪些接口", "Which operations"),
    "follow_ups": Text("用户跟进", "Follow-ups"),
    "all": Text("全部", "All"),
    "base_ms": Text("每次（毫秒）", "Each call, ms"),
    "threshold": Text("起算记录数", "Records without latency"),
    "ms_per_100": Text("每 100 条增加（毫秒）", "For each 100 more, ms"),
    "apply": Text("应用", "Apply"),
    "applied": Text("延迟已更改", "The latency has changed"),
}
FIGURES = ("base_ms", "threshold", "ms_per_100")


async def latency_card(page: Page) -> None:
    words, path = page.words(TEXTS), f"/corps/{segment(page.corpid)}/latency"
    current = (await page.api.get(path))["profile"]
    figures: dict[str, Any] = current if isinstance(current, dict) else {}
    chosen = "own" if figures else ("article" if current else "none")

    ui.label(words("title")).classes("card-title").props('role="heading" aria-level="2"')
    ui.label(words("about")).classes("faint")
    profile = ui.radio({name: words(name) for name in ("none", "article", "own")}, value=chosen)
    profile.props(f'aria-label="{words("profile")}"')
    with ui.element("div").classes("stack") as own:
        scopes = {scope: words(scope) for scope in ("follow_ups", "all")}
        scope = ui.select(scopes, label=words("scope"), value=figures.get("scope", "follow_ups"))
        scope.props("dense outlined options-dense")
        numbers = {
            name: ui.number(words(name), value=figures.get(name, 0), min=0).props("dense outlined")
            for name in FIGURES
        }
    own.bind_visibility_from(profile, "value", value="own")
    own.set_visibility(chosen == "own")
    profile.on_value_change(lambda changed: own.set_visibility(changed.value == "own"))

    async def apply() -> None:
        wanted: Any = {"none": "none", "article": "article-2025"}.get(profile.value)
        if wanted is None:
            given = {name: number.value or 0 for name, number in numbers.items()}
            wanted = {"scope": scope.value, **given, "threshold": int(given["threshold"])}
        await parts.attempt(page, page.api.put(path, {"profile": wanted}), words("applied"))

    with ui.row().classes("buttons"):
        parts.button(words("apply"), apply, page)
