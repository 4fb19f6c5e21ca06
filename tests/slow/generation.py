"""Cases that schemathesis generates for an operation of the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def generated(operation: Any, cases: int, number: int, send: Callable[[Any], None]) -> None:
    """Calls `send` with `cases` valid and invalid cases of the operation, drawn from the seed `number`."""

    @seed(number)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES)))
    def each(case: Any) -> None:
        send(case)

    each()
