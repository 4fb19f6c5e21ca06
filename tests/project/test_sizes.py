"""Modules and folders stay small; longer ones are listed with a reason."""

from collections import Counter
from pathlib import Path

from tests.project.markdown import ROOT, named

LINES = 400
MODULES = 15
LONGER_MODULES: dict[str, str] = {}
LARGER_FOLDERS: dict[str, str] = {}
"""Exceptions, each with its reason."""
CHECKED = ("app", "bench", "migrations", "tests", "tools")


def modules() -> list[Path]:
    return [path for name in CHECKED for path in (ROOT / name).rglob("*.py") if "versions" not in path.parts]


def test_no_module_is_longer_than_400_lines() -> None:
    longer = {named(path) for path in modules() if path.read_text(encoding="utf-8").count("\n") > LINES}
    assert longer == set(LONGER_MODULES)


def test_no_folder_has_more_than_15_modules() -> None:
    counted = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {named(folder) for folder, count in counted.items() if count > MODULES} == set(LARGER_FOLDERS)
