"""The suite's own lists name what is there."""

from pathlib import Path

from tests.conftest import SAME_FOR_EVERY_OPERATION, SAME_ON_EVERY_DATABASE
from tests.gateway import test_every_operation


def test_tests_skipped_on_postgresql_exist() -> None:
    """A file or test that is renamed would come back to the run unnoticed, or be looked for in vain."""
    folder = Path(__file__).parents[1]
    assert [path for path in SAME_ON_EVERY_DATABASE if not (folder / path).exists()] == []
    assert [name for name in SAME_FOR_EVERY_OPERATION if not hasattr(test_every_operation, name)] == []
