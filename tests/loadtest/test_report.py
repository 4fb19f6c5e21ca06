"""Measurements are summarized exactly, and all files of the report agree."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from wecom_tollbooth.loadtest import chart
from wecom_tollbooth.loadtest.mixes import read_mix
from wecom_tollbooth.loadtest.report import combined, write_report
from wecom_tollbooth.loadtest.runs import Run, Timing, percentile, run_from_json, summed_up


def test_percentiles_are_nearest_rank() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert [percentile(hundred, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([1.0, 2.0], 50) == 1.0


def test_the_notes_of_all_processes_are_combined() -> None:
    notes = [
        {
            "begin": ["token"],
            "durations": {"token": [80.0], "board": [1.0, 9.0], "move": [4.0]},
            "failures": {"move": {"HTTP 500": 1}, "token": {"HTTP 502": 1}},
        },
        {"begin": ["token"], "durations": {"board": [2.0]}, "failures": {"board": {"HTTP 500": 2}}},
    ]
    everything, steps = summed_up(notes, 2)
    assert (everything.calls, everything.failures, everything.calls_per_second) == (4, 3, 2.0)
    assert (everything.p50_ms, everything.max_ms, everything.reasons) == (2.0, 9.0, {"HTTP 500": 3})
    assert {name: (step.calls, step.p50_ms) for name, step in steps.items()} == {
        "board": (3, 2.0),
        "move": (1, 4.0),
        "token": (1, 80.0),
    }


def test_a_step_that_no_process_could_run_is_a_failure_without_a_call() -> None:
    board = {"board": [1.0]}
    notes: list[dict[str, Any]] = [
        {"begin": [], "durations": board, "failures": {}, "never": {"move": "no card", "log": "no card"}},
        {"begin": [], "durations": {"log": [2.0], **board}, "failures": {}, "never": {"move": "no card"}},
    ]
    everything, steps = summed_up(notes, 1)
    assert steps.keys() == {"board", "log", "move"}
    assert (steps["move"].calls, steps["move"].failures, steps["move"].reasons) == (0, 1, {"no card": 1})
    assert (everything.calls, everything.failures, everything.reasons) == (3, 1, {"no card": 1})


def runs_of(
    *sizes: int | None, system: str = "tollbooth", profiles: Sequence[str] = ("none",), calls: int = 5000
) -> list[Run]:
    rng = Random(3)
    return [
        Run(
            *(profile, contacts, 1.5, a_timing(rng, calls)),
            {"board": a_timing(rng), "move": a_timing(rng)},
            system,
        )
        for contacts in sizes
        for profile in profiles
    ]


def words_of(picture: Path) -> list[str]:
    """The texts of an SVG."""
    root = ElementTree.parse(picture).getroot()
    return ["".join(text.itertext()).strip() for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_every_file_of_a_report_has_every_run(tmp_path: Path) -> None:
    runs = runs_of(100, 400, 10_000, profiles=("none", "article-2025"))
    runs[0].steps["move"].reasons = runs[1].steps["move"].reasons = {"HTTP 500": 2}
    titles = read_mix("sales-team").titles_zh()
    about = {"users": 5, "seconds": 20}
    written = {path.name for path in write_report(tmp_path / "new" / "folder", about, runs, titles)}
    folder = tmp_path / "new" / "folder"
    names = {f"report.{suffix}" for suffix in ("json", "csv", "md", "svg", "png", "zh-CN.md", "zh-CN.svg")}
    assert written - {"report.zh-CN.png"} == names
    loaded = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [run["everything"]["p99_ms"] for run in loaded["runs"]] == [run.everything.p99_ms for run in runs]
    assert [run_from_json(run) for run in loaded["runs"]] == runs
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(runs) * 3
    assert {float(row["p99_ms"]) for row in rows if row["step"] == "all"} == {
        run.everything.p99_ms for run in runs
    }
    assert [row["p99_is_rough"] for row in rows[:3]] == ["true", "true", "false"]
    english = (folder / "report.md").read_text(encoding="utf-8")
    chinese = (folder / "report.zh-CN.md").read_text(encoding="utf-8")
    assert english.count("| article-2025 | 10,000 | move |") == 1
    for words in (
        "- Users: 5",
        "| Latency profile |",
        "| **10,000** | **all** |",
        "- move, 4 times: HTTP 500",
    ):
        assert words in english
    for words in (
        "- 用户数: 5",
        "| 延迟方案 |",
        "| 移动卡片 |",
        "| **全部** |",
        "- 移动卡片，4 次：HTTP 500",
    ):
        assert words in chinese
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert "![" in english
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")


def test_ticks_are_numbers_that_people_write(tmp_path: Path) -> None:
    write_report(tmp_path, {}, runs_of(100, 400, 10_000, 100_000))
    for name in ("report.svg", "report.zh-CN.svg"):
        texts = words_of(tmp_path / name)
        assert {"100", "400", "10,000", "100,000"} <= set(texts)
        assert not [text for text in texts if "10^" in text or re.search(r"10[⁰¹²³⁴⁵]|\d\.\d+e|×", text)]
    numbers = [text for text in words_of(tmp_path / "report.svg") if re.fullmatch(r"[\d,.]+", text)]
    assert len(numbers) > 6


def test_each_picture_is_in_one_language(tmp_path: Path) -> None:
    write_report(tmp_path, {}, runs_of(100, 400, profiles=("none", "article-2025"), calls=50))
    english, chinese = words_of(tmp_path / "report.svg"), words_of(tmp_path / "report.zh-CN.svg")
    for label in ("none", "article-2025", "p50", "p95", "p99"):
        assert label in english
        assert label in chinese
    assert {"customers", "milliseconds"} <= set(english)
    assert {"客户数", "毫秒"} <= set(chinese)
    assert not re.search(r"[\u4e00-\u9fff]", "".join(english))
    assert not {"customers", "milliseconds"} & set(chinese)


def test_the_chinese_png_needs_a_font_and_the_rest_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "chinese_font", lambda: None)
    written = {path.name for path in write_report(tmp_path, {}, runs_of(100, 400))}
    assert "report.zh-CN.png" not in written
    assert "(report.zh-CN.svg)" in (tmp_path / "report.zh-CN.md").read_text(encoding="utf-8")


def test_both_systems_are_in_one_picture(tmp_path: Path) -> None:
    own = runs_of(400, 10_000, system="our-crm", profiles=("as it is",))
    beside = runs_of(400, 10_000, profiles=("none", "article-2025"))
    write_report(tmp_path, {}, own + beside)
    assert {"our-crm", "tollbooth none", "tollbooth article-2025"} <= set(words_of(tmp_path / "report.svg"))
    assert {"our-crm", "模拟器 none", "模拟器 article-2025"} <= set(words_of(tmp_path / "report.zh-CN.svg"))


@pytest.mark.parametrize(
    ("size", "shown"), [(400, "our-crm, 400 customers"), (None, "our-crm, size unknown")]
)
def test_one_size_is_drawn_as_bars_with_their_values(tmp_path: Path, size: int | None, shown: str) -> None:
    own = runs_of(size, system="our-crm", profiles=("as it is",))
    write_report(tmp_path, {}, own + runs_of(400))
    texts = words_of(tmp_path / "report.svg")
    assert {shown, "tollbooth none, 400 customers"} <= set(texts)
    assert f"{own[0].everything.p99_ms:,.0f}" in texts


def test_a_p99_of_few_calls_is_marked_and_explained(tmp_path: Path) -> None:
    few, many = runs_of(400, 1000, calls=400), runs_of(10_000, calls=5000)
    write_report(tmp_path, {"seconds": 20}, few + many)
    english = (tmp_path / "report.md").read_text(encoding="utf-8")
    chinese = (tmp_path / "report.zh-CN.md").read_text(encoding="utf-8")
    totals = [line for line in english.splitlines() if "**all**" in line]
    assert [line.count("\\*") for line in totals] == [1, 1, 0]
    assert "fewer than 1,000 calls" in english
    assert "In 2 of 3 runs even the total has too few: take --seconds 50 or more --users." in english
    assert "3 轮里有 2 轮连总数都不够：请用 --seconds 50" in chinese
    assert "hollow: p99 of fewer than 1,000 calls" in words_of(tmp_path / "report.svg")


def test_a_report_with_enough_calls_has_no_warning(tmp_path: Path) -> None:
    runs = runs_of(400, 1000)
    for run in runs:
        run.steps = {"board": a_timing(Random(2), 1000)}
    write_report(tmp_path, {"seconds": 20}, runs)
    assert "1,000 calls" not in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert not [text for text in words_of(tmp_path / "report.svg") if "fewer" in text]


def test_what_a_foreign_system_answers_stays_in_its_line(tmp_path: Path) -> None:
    runs = runs_of(400)
    runs[0].steps["move"].reasons = {"HTTP 500\n| <script>": 1}
    write_report(tmp_path, {}, runs)
    assert "- move, 1 times: HTTP 500 \\| &lt;script>" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_runs_made_again_replace_the_earlier_ones() -> None:
    earlier, again = runs_of(400, 1000), runs_of(1000, 10_000)
    assert combined(earlier, again) == [earlier[0], *again]


def a_timing(rng: Random, calls: int = 100) -> Timing:
    first, second, third, fourth = sorted(round(rng.uniform(1, 900), 3) for _ in range(4))
    return Timing(calls, 0, 5.0, first, second, third, fourth)
