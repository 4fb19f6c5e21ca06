"""Estimates as an SVG chart: a bar for each month, stacked by what it is for."""

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wecom_tollbooth.billing.estimate import Estimate

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 110, 20, 70, 40
LINES = 5
COLOURS = {"contacts": "#2f6f4f", "links": "#d98e04", "calls": "#3565a8", "seats": "#8a4f9e"}
FONT = "font-family='sans-serif' font-size='12'"


def estimate_svg(estimates: "list[Estimate]", titles: dict[str, str]) -> str:
    """One bar for each month and estimate; those of one month are side by side, in the order given."""
    most = max(month.total for one in estimates for month in one.months) or Decimal(1)
    drawn = [*_axis(most), *_legend(estimates, titles)]
    for place, one in enumerate(estimates):
        drawn += _bars(one, place, len(estimates), most)
    months = estimates[0].months
    slot = (WIDTH - LEFT - RIGHT) / len(months)
    for number, month in enumerate(months):
        middle = LEFT + slot * (number + 0.5)
        drawn.append(_text(middle, HEIGHT - BOTTOM + 18, month.month, "middle"))
    size = f"width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'"
    inside = "\n".join(drawn)
    paper = "<rect width='100%' height='100%' fill='white'/>"
    return f"<svg xmlns='http://www.w3.org/2000/svg' {size}>\n{paper}\n{inside}\n</svg>\n"


def _bars(one: "Estimate", place: int, of: int, most: Decimal) -> list[str]:
    drawn = []
    slot = (WIDTH - LEFT - RIGHT) / len(one.months)
    width = slot * 0.8 / of
    for number, month in enumerate(one.months):
        x = LEFT + slot * (number + 0.1) + width * place
        bottom = float(HEIGHT - BOTTOM)
        for group, amount in month.amounts.items():
            height = _height(amount, most)
            bottom -= height
            tip = f"{one.books.names} {month.month} {group}: {amount:,.2f} {one.books.currency}"
            drawn.append(
                f"<rect x='{x:.1f}' y='{bottom:.1f}' width='{width - 1:.1f}' height='{height:.1f}' "
                f"fill='{COLOURS[group]}'><title>{escape(tip)}</title></rect>"
            )
    return drawn


def _axis(most: Decimal) -> list[str]:
    drawn = []
    for line in range(LINES + 1):
        amount = most * line / LINES
        y = HEIGHT - BOTTOM - _height(amount, most)
        drawn.append(f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>")
        drawn.append(_text(LEFT - 8, y + 4, f"{amount:,.0f}", "end"))
    return drawn


def _legend(estimates: "list[Estimate]", titles: dict[str, str]) -> list[str]:
    names = " | ".join(f"{one.books.names}: {one.total:,.2f} {one.books.currency}" for one in estimates)
    drawn = [_text(LEFT, 24, f"一年 a year  {names}", "start")]
    for place, (group, title) in enumerate(titles.items()):
        x = LEFT + 170 * place
        drawn.append(f"<rect x='{x}' y='38' width='12' height='12' fill='{COLOURS[group]}'/>")
        drawn.append(_text(x + 18, 49, title, "start"))
    return drawn


def _height(amount: Decimal, most: Decimal) -> float:
    return float(amount / most) * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {FONT}>{escape(text)}</text>"
