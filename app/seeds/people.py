"""Invented people, drawn from a seeded generator: the same seed gives the same names."""

import random
from collections.abc import Iterator

from faker import Faker


def names(seed: int) -> Iterator[str]:
    """Chinese personal names without end."""
    faker = Faker("zh_CN")
    faker.seed_instance(seed)
    while True:
        yield faker.name()


def mobiles(seed: int) -> Iterator[str]:
    """Mobile numbers of a prefix that no operator gives out, each once."""
    start = random.Random(seed).randrange(10_000_000)
    for number in range(10_000_000):
        yield f"190{(start + number) % 10_000_000:08d}"
