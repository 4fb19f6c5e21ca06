"""The commands: record and compare."""

import argparse
import sys
from pathlib import Path

from tests.same_answers.allowed import read_allowed
from tests.same_answers.comparison import compare, report_lines
from tests.same_answers.requests.whole import Wanted, record

DATABASES = ("sqlite", "postgresql")


def main(words: list[str] | None = None) -> int:
    given = _parser().parse_args(words)
    if given.command == "record":
        wanted = Wanted(given.tree, given.python, given.database, given.fuzzed, given.seed)
        record(wanted, given.out)
        return 0
    allowed = read_allowed(given.allowed)
    report = compare(given.file, given.tree, given.python, given.database, allowed)
    for line in report_lines(report):
        print(line)
    return 0 if report.same else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.same_answers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="ask a tree and write down what it answers")
    recording.add_argument("--out", type=Path, required=True, help="file to write, gzip of JSON lines")
    recording.add_argument("--database", choices=DATABASES, default="sqlite")
    recording.add_argument("--fuzzed", type=int, default=5000, help="calls from the random generator")
    recording.add_argument("--seed", type=int, default=1, help="of the random generator")
    comparing = commands.add_parser("compare", help="ask another tree the same; status 1 if it differs")
    comparing.add_argument("file", type=Path, help="a recording")
    comparing.add_argument("--database", choices=DATABASES, default="", help="else that of the recording")
    comparing.add_argument("--allowed", type=Path, help="TOML file of differences that are meant")
    for command in (recording, comparing):
        command.add_argument("--tree", type=Path, required=True, help="folder of the tree")
        command.add_argument("--python", default=sys.executable, help="Python that has what the tree needs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
