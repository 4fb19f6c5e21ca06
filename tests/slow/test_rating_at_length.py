"""100,000 random tariffs and usages, priced by the rating engine and by an oracle that uses fractions."""

import pytest

from tests.billing.tariffs import MODELS, compare

EXAMPLES = 100_000

pytestmark = pytest.mark.slow


def test_the_rating_engine_agrees_with_the_oracle_on_100000_tariffs() -> None:
    ran = compare(seed=1, how_many=EXAMPLES)
    print(f"{EXAMPLES} random tariffs agreed: {dict(ran)}")
    assert sum(ran[model] for model in MODELS) == EXAMPLES
    assert (
        min(ran[model] for model in (*MODELS, "minimum", "cap", "part of a month", "more reversed than used"))
        > 3_000
    ), ran
