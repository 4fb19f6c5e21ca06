"""Measurements are summarized exactly, and all files of the report agree."""

import csv
import json
from pathlib import Path
from random import Random
from xml.etree import ElementTree

from wecom_tollbooth.loadtest.mixes import read_mix
from wecom_tollbooth.loadtest.report import write_report
from wecom_tollbooth.loadtest.runs import Run, Timing, percentile, summed_up


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


def test_every_file_of_a_report_has_every_run(tmp_path: Path) -> None:
    rng = Random(3)
    runs = [
        Run(profile, contacts, 1.5, a_timing(rng), {"board": a_timing(rng), "move": a_timing(rng)})
        for contacts in (100, 400, 10_000)
        for profile in ("none", "article-2025")
    ]
    runs[0].everything.reasons = runs[1].everything.reasons = {"HTTP 500": 2}
    shown = read_mix("sales-team").shown()
    written = {path.name for path in write_report(tmp_path / "new" / "folder", {"users": 5}, runs, shown)}
    folder = tmp_path / "new" / "folder"
    assert written == {f"report.{suffix}" for suffix in ("json", "csv", "md", "svg", "png")}
    loaded = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [run["everything"]["p99_ms"] for run in loaded["runs"]] == [run.everything.p99_ms for run in runs]
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(runs) * 3
    assert {float(row["p99_ms"]) for row in rows if row["step"] == "all"} == {
        run.everything.p99_ms for run in runs
    }
    table = (folder / "report.md").read_text(encoding="utf-8")
    assert table.count("| article-2025 | 400 |") == 3
    for words in (
        "- 用户数 users: 5",
        "| 延迟方案 profile |",
        "| 移动卡片 move |",
        "| 全部 all |",
        "- 4 × HTTP 500",
    ):
        assert words in table
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")
    picture = "".join(ElementTree.parse(folder / "report.svg").getroot().itertext())
    for profile in ("none", "article-2025"):
        for name in ("p50", "p95", "p99"):
            assert f"{profile} {name}" in picture
    assert "客户数" in picture


def test_a_run_without_a_size_has_no_chart(tmp_path: Path) -> None:
    runs = [Run("as it is", None, None, a_timing(Random(1)), {})]
    assert {path.suffix for path in write_report(tmp_path, {}, runs)} == {".json", ".csv", ".md"}


def a_timing(rng: Random) -> Timing:
    first, second, third, fourth = sorted(round(rng.uniform(1, 900), 3) for _ in range(4))
    return Timing(100, 0, 5.0, first, second, third, fourth)
