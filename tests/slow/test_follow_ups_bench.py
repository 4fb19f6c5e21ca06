"""The benchmark of follow-ups runs at small sizes and shows every figure with its target."""

import pytest

from bench import follow_ups

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database", [[], ["--postgresql"]])
def test_the_follow_up_benchmark_runs_at_small_sizes(
    database: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--sizes", "400,3000", "--many", "2000", "--calls", "60", "--rounds", "2", "--seconds", "1"]
    assert follow_ups.main([*small, *database]) in (0, 1)
    shown = capsys.readouterr().out
    for figure in (
        "seeding 3,000 records",
        "memory",
        "list: p99",
        "board: p99",
        "move: p99",
        "bare route",
        "of a sales team, p99",
        "search",
    ):
        assert figure in shown
    assert "nan" not in shown
