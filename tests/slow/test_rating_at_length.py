"""100,000 random tariffs and usages, priced by the rating engine and by an oracle that uses fractions."""

import pytest

from tests.billing.tariffs import check_agreement

EXAMPLES = 100_000

pytestmark = pytest.mark.slow


def test_the_rating_engine_agrees_with_the_oracle_on_100000_tariffs() -> None:
    check_agreement(seed=1, how_many=EXAMPLES, each_more_than=3_000)
