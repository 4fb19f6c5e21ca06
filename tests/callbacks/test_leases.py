"""When a worker is taken for dead: only time counts in which the observer reached the database."""

from wecom_tollbooth.callbacks.leases import BEAT_SECONDS, LEASE_SECONDS, _Watch


def silent_after(watch: _Watch, start: float, beats: list[int]) -> list[float]:
    """The seconds after which worker 1 counts as silent, seen with these beats every BEAT_SECONDS."""
    looks = [(place * BEAT_SECONDS, {1: beat}) for place, beat in enumerate(beats)]
    return [after for after, seen in looks if watch.silent(seen, start + after)]


def test_a_heartbeat_unchanged_for_the_lease_counts_as_silence() -> None:
    assert silent_after(_Watch(), 100, [7] * 6) == [LEASE_SECONDS]
    assert silent_after(_Watch(), 100, [7, 7, 7, 8, 8, 8, 8]) == []


def test_time_in_which_the_observer_did_not_look_does_not_count() -> None:
    watch = _Watch()
    assert silent_after(watch, 100, [7] * 5) == []
    assert watch.silent({1: 7}, 160) == [], "PostgreSQL was away, or this process was stopped"
    assert silent_after(watch, 160 + BEAT_SECONDS, [7] * 4) == []


def test_after_a_failure_the_watch_begins_again() -> None:
    watch = _Watch()
    assert silent_after(watch, 100, [7] * 5) == []
    watch.forget()
    assert watch.silent({1: 7}, 110) == []
