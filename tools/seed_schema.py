"""`python -m tools.seed_schema`: writes docs/seed.schema.json from the shapes of seed files."""

import json
from pathlib import Path

from wecom_tollbooth.seeds.described.schema import seed_schema

FILE = Path(__file__).parents[1] / "docs" / "seed.schema.json"


def text() -> str:
    return json.dumps(seed_schema(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    FILE.write_text(text(), encoding="utf-8")
    print(f"written to {FILE}")


if __name__ == "__main__":
    main()
