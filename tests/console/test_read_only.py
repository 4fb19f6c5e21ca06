"""Which calls of WeCom's API the read-only mode of the console lets through."""

from tests.gateway.operation_calls import OPERATIONS
from wecom_tollbooth.console import forwarding


def test_the_read_only_mode_lets_no_writing_operation_through() -> None:
    let_through = {one.path: one.meter for one in OPERATIONS if forwarding._only_reads(one.path)}
    assert {path for path, meter in let_through.items() if meter.endswith(".write")} == set()
    assert "/cgi-bin/externalcontact/follow_up/statistics" in let_through
    assert len(let_through) > 90
