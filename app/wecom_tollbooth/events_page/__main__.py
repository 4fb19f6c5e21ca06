"""`python -m wecom_tollbooth.events_page`: writes or checks docs/events.md and docs/events.zh-CN.md."""

import argparse
import sys
from pathlib import Path

from wecom_tollbooth import events_page
from wecom_tollbooth.events_page.page import PAGES, render
from wecom_tollbooth.families import load_families

DOCS = Path(__file__).parents[3] / "docs"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m wecom_tollbooth.events_page", description=events_page.__doc__
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    wanted = parser.parse_args(arguments)
    operations = load_families()
    outdated = []
    for name in PAGES:
        text, file = render(name, operations), DOCS / name
        if not wanted.check:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            outdated.append(name)
    if outdated:
        print(f"out of date: {', '.join(outdated)}; run `make events-page`", file=sys.stderr)
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main())
