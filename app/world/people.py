"""Invented people, drawn from a seeded generator: the same seed gives the same names."""

import random
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


def names(seed: int) -> Iterator[str]:
    """Chinese personal names without end."""
    faker = _faker()
    faker.seed_instance(seed)
    while True:
        yield faker.name()


def name(seed: int, number: int) -> str:
    """The name of person `number`."""
    faker = _faker()
    faker.seed_instance(f"{seed}/{number}")
    return faker.name()


def mobiles(seed: int) -> Iterator[str]:
    """Mobile numbers of a prefix that no operator gives out, each once."""
    start = random.Random(seed).randrange(100_000_000)
    for number in range(100_000_000):
        yield f"190{(start + number) % 100_000_000:08d}"


@cache
def _faker() -> "Faker":
    # Imported where it is used: it would slow down every start.
    from faker import Faker

    return Faker("zh_CN")
