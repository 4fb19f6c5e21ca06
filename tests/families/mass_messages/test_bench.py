"""The benchmark of mass messages runs at a small size and shows every figure with its target."""

import pytest

from bench import mass_messages

pytestmark = pytest.mark.slow


def test_the_benchmark_of_mass_messages_runs_at_a_small_size(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--customers", "600", "--members", "4", "--rounds", "1", "--seconds", "0.3"]
    assert mass_messages.main(small) in (0, 1)
    shown = capsys.readouterr().out
    for figure in (
        "is accepted",
        "tasks are made",
        "p99 of other calls",
        "confirm",
        "rows/s",
        "the last page",
    ):
        assert figure in shown
    assert "nan" not in shown
