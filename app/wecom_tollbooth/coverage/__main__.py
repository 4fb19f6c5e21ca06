"""`python -m wecom_tollbooth.coverage`: writes or checks docs/coverage.md and docs/errcodes.md."""

import argparse
import sys
from pathlib import Path

from wecom_tollbooth import coverage
from wecom_tollbooth.coverage.errcodes_page import render_errcodes
from wecom_tollbooth.coverage.error_list import contradictions, error_list
from wecom_tollbooth.coverage.page import render
from wecom_tollbooth.coverage.tables import differences, wecom_operations
from wecom_tollbooth.families import load_families

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"
CODES = PAGE.with_name("errcodes.md")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m wecom_tollbooth.coverage", description=coverage.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    wanted = parser.parse_args(arguments)
    registry, chapters = load_families(), wecom_operations()
    known = error_list()
    problems = [*differences(registry, chapters), *contradictions(registry, known)]
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    outdated = 0
    for page, text in ((PAGE, render(registry, chapters)), (CODES, render_errcodes(registry, known))):
        if not wanted.check:
            page.write_text(text, encoding="utf-8")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            print(f"{page.name} is out of date; run `make coverage-page`", file=sys.stderr)
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main())
