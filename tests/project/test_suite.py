"""The suite's own lists name existing files and tests."""

from pathlib import Path

from tests.conftest import SAME_FOR_EVERY_OPERATION, SAME_ON_EVERY_DATABASE
from tests.gateway import test_every_operation


def test_tests_skipped_on_postgresql_exist() -> None:
    """A renamed file or test would silently run on PostgreSQL again."""
    folder = Path(__file__).parents[1]
    assert [path for path in SAME_ON_EVERY_DATABASE if not (folder / path).exists()] == []
    assert [name for name in SAME_FOR_EVERY_OPERATION if not hasattr(test_every_operation, name)] == []
