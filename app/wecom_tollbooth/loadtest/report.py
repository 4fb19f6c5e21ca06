"""The report of a load test: JSON, CSV and Markdown, and the chart as SVG and PNG."""

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wecom_tollbooth.csv_table import CsvTable
from wecom_tollbooth.loadtest.runs import Run, Timing

ALL = "all"
COLUMNS = (
    *("profile", "contacts", "step", "calls", "failures"),
    *("calls_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms"),
)
SHOWN = {
    "mix": "操作组合 mix",
    "url": "被测地址 url",
    "users": "用户数 users",
    "seconds": "每轮秒数 seconds",
    "workers": "施压进程 workers",
    "profile": "延迟方案 profile",
    "contacts": "客户 contacts",
    "step": "步骤 step",
    "calls": "调用 calls",
    "failures": "失败 failures",
    "calls_per_second": "次/秒 calls_per_second",
    "max_ms": "最长 max_ms",
}
"""Titles for people; percentiles have the same name in both languages."""
PERCENTILES = (("p50_ms", ":"), ("p95_ms", "--"), ("p99_ms", "-"))
"""Each with its line style."""


def write_report(
    folder: Path, about: dict[str, Any], runs: list[Run], steps: Mapping[str, str] | None = None
) -> list[Path]:
    """Writes the files and returns their paths; `steps` has the titles of the steps."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "report.json", folder / "report.csv", folder / "report.md"]
    whole = {**about, "runs": [run.as_json() for run in runs]}
    written[0].write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with written[1].open("w", encoding="utf-8-sig", newline="") as file:
        table = CsvTable(file, COLUMNS)
        for row in _rows(runs):
            table.write(row)
    written[2].write_text(_markdown(about, runs, steps or {}), encoding="utf-8")
    if any(run.contacts is not None for run in runs):
        written += draw(runs, folder)
    return written


def _rows(runs: list[Run]) -> Iterable[list[Any]]:
    for run in runs:
        for step, timing in (*run.steps.items(), (ALL, run.everything)):
            yield [run.profile, run.contacts if run.contacts is not None else "", step, *_figures(timing)]


def _figures(timing: Timing) -> list[Any]:
    return [getattr(timing, column) for column in COLUMNS[3:]]


def _markdown(about: dict[str, Any], runs: list[Run], steps: Mapping[str, str]) -> str:
    table = [
        (profile, contacts, steps.get(step, step), *rest) for profile, contacts, step, *rest in _rows(runs)
    ]
    lines = [
        "# 用户跟进压测 / Follow-up load test",
        "",
        *(f"- {SHOWN.get(name, name)}: {value}" for name, value in about.items()),
        "",
        "| " + " | ".join(SHOWN.get(column, column) for column in COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(str(value) for value in row) + " |" for row in table),
    ]
    reasons: Counter[str] = Counter()
    for run in runs:
        reasons.update(run.everything.reasons)
    if reasons:
        lines += ["", "失败原因 / Why calls failed:", ""]
        lines += [f"- {reasons[why]} × {why}" for why in sorted(reasons)]
    return "\n".join(lines) + "\n"


def draw(runs: list[Run], folder: Path) -> list[Path]:
    """Draws p50, p95 and p99 of all calls by number of customers, all profiles in one chart."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Text stays text in the SVG, so that a browser shows the Chinese with its own fonts.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tollbooth"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the browser has it
        written = []
        for suffix, labels in ((".svg", CHINESE_AND_ENGLISH), (".png", ENGLISH)):
            figure = Figure(figsize=(9, 5.5), layout="constrained")
            axes = figure.add_subplot()
            for number, profile in enumerate(dict.fromkeys(run.profile for run in runs)):
                sized = sorted(
                    (run.contacts, run.everything)
                    for run in runs
                    if run.profile == profile and run.contacts is not None
                )
                for column, stroke in PERCENTILES:
                    axes.plot(
                        [contacts for contacts, _ in sized],
                        [getattr(timing, column) for _, timing in sized],
                        stroke,
                        color=f"C{number}",
                        marker="o",
                        markersize=4,
                        label=f"{profile} {column.removesuffix('_ms')}",
                    )
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xlabel(labels["x"])
            axes.set_ylabel(labels["y"])
            axes.set_title(labels["title"])
            axes.grid(which="both", alpha=0.25)
            axes.legend()
            path = folder / f"report{suffix}"
            figure.savefig(path, metadata={"Date": None} if suffix == ".svg" else None)
            written.append(path)
    return written


ENGLISH = {
    "x": "customers",
    "y": "milliseconds",
    "title": "Follow-up: latency of all calls by number of customers",
}
CHINESE_AND_ENGLISH = {
    "x": "客户数 customers",
    "y": "毫秒 milliseconds",
    "title": "用户跟进：全部调用的延迟 / Follow-up: latency of all calls",
}
