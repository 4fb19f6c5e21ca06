"""`python -m wecom_tollbooth.coverage`: writes or checks docs/coverage.md."""

import argparse
import sys
from pathlib import Path

from wecom_tollbooth import coverage
from wecom_tollbooth.coverage.page import render
from wecom_tollbooth.coverage.tables import differences, wecom_operations
from wecom_tollbooth.families import load_families

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m wecom_tollbooth.coverage", description=coverage.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the page is out of date"
    )
    wanted = parser.parse_args(arguments)
    registry, chapters = load_families(), wecom_operations()
    problems = list(differences(registry, chapters))
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    text = render(registry, chapters)
    if not wanted.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.name} is out of date; run `make coverage-page`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
