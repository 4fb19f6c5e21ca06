"""The report of a load test: JSON, CSV, and Markdown with a chart in both languages."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wecom_tollbooth.csv_table import CsvTable
from wecom_tollbooth.loadtest.chart import draw
from wecom_tollbooth.loadtest.runs import Run, Timing, run_from_json
from wecom_tollbooth.loadtest.words import ALL, CHINESE, LANGUAGES, Words, longer, shown_ms

COLUMNS = (
    *("system", "profile", "contacts", "step", "calls", "failures"),
    *("calls_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms"),
)
COMPARED = ("users", "seconds", "workers")
"""What must be the same in all runs of a report."""


class WrongReport(Exception):
    """A report can't be added to; the text is one sentence."""


def write_report(
    folder: Path, about: dict[str, Any], runs: list[Run], titles_zh: Mapping[str, str] | None = None
) -> list[Path]:
    """Writes the files and returns their paths; `titles_zh` has the Chinese titles of the steps."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "report.json", folder / "report.csv"]
    whole = {**about, "runs": [run.as_json() for run in runs]}
    written[0].write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with written[1].open("w", encoding="utf-8-sig", newline="") as file:
        table = CsvTable(file, (*COLUMNS, "p99_is_rough"))
        for run, step, timing in _rows(runs):
            contacts = "" if run.contacts is None else run.contacts
            figures = [getattr(timing, column) for column in COLUMNS[4:]]
            rough = "true" if timing.p99_is_rough else "false"
            table.write([run.system, run.profile, contacts, step, *figures, rough])
    pictures = draw(runs, folder)
    for words in LANGUAGES:
        path = folder / f"report{words.suffix}.md"
        own = [picture.name for picture in pictures if picture.stem == path.stem]
        titles = (titles_zh or {}) if words is CHINESE else {}
        path.write_text(_markdown(words, about, runs, titles, own[-1] if own else ""), encoding="utf-8")
        written.append(path)
    return written + pictures


def earlier_runs(folder: Path, about: dict[str, Any]) -> list[Run]:
    """The runs of the report in `folder`, none without one. Raises WrongReport if they can't be compared."""
    path = folder / "report.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        runs = [run_from_json(run) for run in found["runs"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongReport(f"--append: {path} is no report of a load test; choose another --out") from None
    for name in COMPARED:
        if found.get(name) != about[name]:
            raise WrongReport(
                f"--append: the runs of {path} had --{name} {found.get(name)}; use the same, or another --out"
            )
    return runs


def combined(earlier: list[Run], runs: list[Run]) -> list[Run]:
    """All runs; one that was made again replaces the earlier one."""
    again = {(run.system, run.profile, run.contacts) for run in runs}
    return [run for run in earlier if (run.system, run.profile, run.contacts) not in again] + runs


def _rows(runs: list[Run]) -> Iterable[tuple[Run, str, Timing]]:
    for run in runs:
        for step, timing in (*run.steps.items(), (ALL, run.everything)):
            yield run, step, timing


def _markdown(
    words: Words, about: dict[str, Any], runs: list[Run], titles: Mapping[str, str], picture: str
) -> str:
    lines = [f"# {words.title}", ""]
    if picture:
        lines += [f"![{words.picture}]({picture})", ""]
    lines += [f"- {words.about.get(name, name)}: {_cell(value)}" for name, value in about.items()]
    rough = rough_sentences(words, runs, about.get("seconds", 0))
    if rough:
        lines += ["", "> " + "\n>\n> ".join(sentence.replace("*", "\\*") for sentence in rough)]
    lines += [
        "",
        "| " + " | ".join(words.columns[column] for column in COLUMNS) + " |",
        "|---|---|---:|---|" + "---:|" * (len(COLUMNS) - 4),
    ]
    for run, step, timing in _rows(runs):
        name = words.every_step if step == ALL else titles.get(step, step)
        cells = [words.system(run), words.profile(run), words.size(run), name, *figures(timing)]
        cells[-2] = cells[-2].replace("*", "\\*")
        shown = [_cell(cell) for cell in cells]
        if step == ALL:
            shown = [f"**{cell}**" if cell else "" for cell in shown]
        lines.append("| " + " | ".join(shown) + " |")
    reasons = reasons_of(runs)
    if reasons:
        lines += ["", f"## {words.reasons}", ""]
        for (step, why), count in sorted(reasons.items()):
            name = titles.get(step, step)
            lines.append(words.reason.format(step=_cell(name), count=f"{count:,}", why=_cell(why)))
    return "\n".join(lines) + "\n"


def figures(timing: Timing, asterisk: str = "*") -> list[str]:
    """Calls, failures, calls a second and the times, for people; a rough p99 has an asterisk."""
    counts = [f"{timing.calls:,}", f"{timing.failures:,}"]
    if not timing.calls:
        return [*counts, "", "", "", "", ""]
    rough = asterisk if timing.p99_is_rough else ""
    return [
        *counts,
        f"{timing.calls_per_second:,.1f}",
        shown_ms(timing.p50_ms),
        shown_ms(timing.p95_ms),
        shown_ms(timing.p99_ms) + rough,
        shown_ms(timing.max_ms),
    ]


def rough_sentences(words: Words, runs: list[Run], seconds: int) -> list[str]:
    """What an asterisk at a p99 means, and how long the runs must be to have none in their totals."""
    if not any(timing.p99_is_rough and timing.calls for _, _, timing in _rows(runs)):
        return []
    few = [run for run in runs if run.everything.p99_is_rough]
    if not few:
        return [words.rough]
    needed = max(longer(run, seconds) for run in few)
    return [words.rough, words.longer.format(count=len(few), runs=len(runs), seconds=f"{needed:,}")]


def reasons_of(runs: list[Run]) -> Counter[tuple[str, str]]:
    """How often each step failed for each reason, in all runs."""
    counted: Counter[tuple[str, str]] = Counter()
    for run in runs:
        for step, timing in run.steps.items():
            for why, count in timing.reasons.items():
                counted[step, why] += count
    return counted


def _cell(value: object) -> str:
    """The value in one cell of a table, whatever a foreign system or mix wrote into it."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
