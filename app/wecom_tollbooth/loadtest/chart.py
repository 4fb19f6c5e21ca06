"""The chart of a load test, as SVG and PNG in both languages."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from wecom_tollbooth.loadtest.runs import AS_IT_IS, Run, Timing
from wecom_tollbooth.loadtest.words import CHINESE, LANGUAGES, Words, shown_ms, tick

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType

PERCENTILES: "tuple[tuple[str, LineStyleType], ...]" = (("p50", ":"), ("p95", "--"), ("p99", "-"))
"""Each with its line style."""
COLOURS = ("#1f77b4", "#e8710a", "#2a9d52", "#9b4fb5", "#8c564b", "#555555")
CHINESE_FONTS = {
    "Noto Sans CJK SC": "NotoSansCJK-Regular",
    "Noto Sans CJK JP": "NotoSansCJK-Regular",
    "Noto Sans SC": "NotoSansSC-Regular",
    "Source Han Sans SC": "SourceHanSansSC-Regular",
    "Source Han Sans CN": "SourceHanSansCN-Regular",
    "PingFang SC": "PingFang",
    "Hiragino Sans GB": "Hiragino Sans GB",
    "Microsoft YaHei": "msyh",
    "SimHei": "simhei",
    "WenQuanYi Micro Hei": "wqy-microhei",
    "WenQuanYi Zen Hei": "wqy-zenhei",
}
"""Fonts with Chinese glyphs, best first, each with the name of its file."""


def draw(runs: list[Run], folder: Path) -> list[Path]:
    """Draws p50, p95 and p99 of all calls, all systems and profiles in one chart, and returns its files.

    Lines by number of customers where there are several sizes, else bars. The Chinese PNG needs a font of
    this machine; the SVG has its text as text, so it needs none.
    """
    from matplotlib import rc_context

    drawn = [run for run in runs if run.everything.calls]
    if not drawn:
        return []
    font = chinese_font()
    written = []
    family = ["DejaVu Sans", *([font] if font else [])]
    with (
        rc_context({"svg.fonttype": "none", "svg.hashsalt": "tollbooth", "font.family": family}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the browser has it
        for words in LANGUAGES:
            for kind in ("svg", "png"):
                if kind == "png" and words is CHINESE and font is None:
                    continue
                path = folder / f"report{words.suffix}.{kind}"
                _draw_one(drawn, words, path)
                written.append(path)
    return written


def chinese_font() -> str | None:
    """The best font of this machine that has Chinese glyphs."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.name for font in fontManager.ttflist}
    found = next((name for name in CHINESE_FONTS if name in known), None)
    if found is not None:
        return found
    # matplotlib's list is as old as its first start, the font may have come later.
    files = {Path(path).stem: path for path in findSystemFonts()}
    path = next((files[stem] for stem in CHINESE_FONTS.values() if stem in files), None)
    if path is None:
        return None
    fontManager.addfont(path)
    return fontManager.ttflist[-1].name


def _draw_one(runs: list[Run], words: Words, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.6), layout="constrained")
    axes = figure.add_subplot()
    if len({run.contacts for run in runs if run.contacts is not None}) > 1:
        _lines(axes, runs, words)
    else:
        _bars(axes, runs, words)
    axes.set_ylabel(words.milliseconds)
    figure.suptitle(words.picture, x=0.02, ha="left", fontsize=13)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


def _lines(axes: "Axes", runs: list[Run], words: Words) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    colours = dict(zip(_labels(runs, words), _forever(COLOURS), strict=False))
    for label, colour in colours.items():
        own = [run for run in runs if _label(run, runs, words) == label]
        sized = sorted((run.contacts, run.everything) for run in own if run.contacts is not None)
        for name, stroke in PERCENTILES:
            axes.plot(
                [contacts for contacts, _ in sized],
                [_of(timing, name) for _, timing in sized],
                stroke,
                color=colour,
                linewidth=2 if name == "p99" else 1.4,
            )
            for contacts, timing in sized:
                hollow = name == "p99" and timing.p99_is_rough
                axes.plot(
                    contacts,
                    _of(timing, name),
                    "o",
                    markersize=6 if hollow else 4.5,
                    color=colour,
                    markerfacecolor="white" if hollow else colour,
                )
            for run in own:
                if run.contacts is None:
                    axes.axhline(_of(run.everything, name), linestyle=stroke, color=colour, linewidth=1.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    sizes = sorted({run.contacts for run in runs if run.contacts is not None})
    values = [_of(run.everything, name) for run in runs for name, _ in PERCENTILES]
    ladder = _ladder(min(values), max(values))
    axes.set_ylim(ladder[0], ladder[-1] * 1.05)
    # Small ticks of a logarithmic axis would print 2 x 10^3 between the sizes that ran.
    for axis, ticks in ((axes.xaxis, _apart(sizes)), (axes.yaxis, ladder)):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.grid(alpha=0.3)
    axes.set_xlabel(words.customers)
    keys = [Line2D([], [], color=colour, linewidth=4, label=label) for label, colour in colours.items()]
    strokes = [Line2D([], [], color="#444444", linestyle=stroke, label=name) for name, stroke in PERCENTILES]
    if any(run.everything.p99_is_rough for run in runs if run.contacts is not None):
        hollow_key = Line2D([], [], color="#444444", linestyle="", marker="o", markerfacecolor="white")
        hollow_key.set_label(words.rough_lines)
        strokes.append(hollow_key)
    _legend(axes, [*keys], [*strokes])


def _bars(axes: "Axes", runs: list[Run], words: Words) -> None:
    from matplotlib.patches import Patch
    from matplotlib.ticker import FuncFormatter

    width = 0.8 / len(runs)
    keys = []
    for number, (run, colour) in enumerate(zip(runs, _forever(COLOURS), strict=False)):
        heights = [_of(run.everything, name) for name, _ in PERCENTILES]
        places = [place + (number - (len(runs) - 1) / 2) * width for place in range(len(PERCENTILES))]
        bars = axes.bar(places, heights, width * 0.92, color=colour)
        texts = [shown_ms(height) for height in heights]
        if run.everything.p99_is_rough:
            bars[-1].set(alpha=0.55, hatch="//", edgecolor="white")
            texts[-1] += "*"
        axes.bar_label(bars, texts, fontsize=9, padding=2)
        size = words.size(run) if run.contacts is None else words.so_many.format(size=words.size(run))
        keys.append(Patch(color=colour, label=f"{_label(run, runs, words)}{words.comma}{size}"))
    rough: list[Artist] = [Patch(facecolor="#aaaaaa", hatch="//", edgecolor="white", label=words.rough_bars)]
    axes.set_xticks(range(len(PERCENTILES)), [name for name, _ in PERCENTILES])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.margins(y=0.1)
    axes.grid(axis="y", alpha=0.3)
    _legend(axes, [*keys], rough if any(run.everything.p99_is_rough for run in runs) else [])


def _legend(axes: "Axes", systems: "list[Artist]", styles: "list[Artist]") -> None:
    """Writes the systems above the chart and the styles below it."""
    axes.legend(
        handles=systems,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(len(systems), 3),
        frameon=False,
        handlelength=1.6,
        borderaxespad=0.2,
    )
    if styles:
        axes.figure.legend(handles=styles, loc="outside lower center", ncols=len(styles), frameon=False)


def _of(timing: Timing, percentile: str) -> float:
    # 0 has no place on a logarithmic axis.
    return max(float(getattr(timing, f"{percentile}_ms")), 0.001)


def _label(run: Run, runs: list[Run], words: Words) -> str:
    """The system, where there are several, and the latency profile, where the system has one."""
    if run.profile == AS_IT_IS:
        return words.system(run)
    several = len({each.system for each in runs}) > 1
    return f"{words.system(run)} {run.profile}" if several else run.profile


def _labels(runs: list[Run], words: Words) -> list[str]:
    return list(dict.fromkeys(_label(run, runs, words) for run in runs))


def _forever(colours: tuple[str, ...]) -> Iterable[str]:
    while True:
        yield from colours


def _ladder(low: float, high: float) -> list[float]:
    """1, 2, 5, 10, 20, 50 and so on, from at most `low` to at least `high`."""
    steps = [lead * 10.0**power for power in range(-3, 8) for lead in (1, 2, 5)]
    first = max(number for number, step in enumerate(steps) if step <= low or not number)
    last = min(number for number, step in enumerate(steps) if step >= high or number == len(steps) - 1)
    return steps[first : max(last, first + 1) + 1]


def _apart(sizes: list[int]) -> list[int]:
    """The sizes whose labels don't touch on a logarithmic axis."""
    shown: list[int] = []
    for size in sizes:
        if not shown or size >= shown[-1] * max(1.2, (sizes[-1] / sizes[0]) ** 0.06):
            shown.append(size)
    return shown
