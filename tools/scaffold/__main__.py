"""The command line: says what was written and what is left to do."""

import argparse
import subprocess
import sys
from pathlib import Path

from tools.scaffold import pieces
from tools.scaffold.pieces import CannotStart, Piece


def main() -> int:
    parser = argparse.ArgumentParser(prog="make", description="Starts a new piece with its test.")
    kinds = parser.add_subparsers(dest="kind", required=True)

    operation = kinds.add_parser("operation", help="an operation of WeCom's API")
    operation.add_argument("family")
    operation.add_argument("name", help="the path below /cgi-bin/, such as tag/create")

    family = kinds.add_parser("family", help="a chapter of WeCom's documentation")
    family.add_argument("name")
    family.add_argument("title_zh")
    family.add_argument("title_en")

    event = kinds.add_parser("event", help="a callback event")
    event.add_argument("chapter", help="a module of callbacks/events, such as directory")
    event.add_argument("event", help="the value of Event, such as change_contact")
    event.add_argument("name", help="the value of ChangeType, such as update_tag")

    act = kinds.add_parser("act", help="what people do outside the API")
    act.add_argument("family")
    act.add_argument("name")

    given = vars(parser.parse_args())
    try:
        piece: Piece = getattr(pieces, f"new_{given.pop('kind')}")(**given)
    except CannotStart as reason:
        print(f"scaffold: {reason}", file=sys.stderr)
        return 2
    _tidy(piece.files)
    for path in piece.files:
        print(f"  {path.relative_to(pieces.ROOT)}")
    print("下一步 Next:")
    for step in piece.steps:
        print(f"  - {step}")
    return 0


def _tidy(files: list[Path]) -> None:
    python = [path for path in files if path.suffix == ".py"]
    for command in (["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *python], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
