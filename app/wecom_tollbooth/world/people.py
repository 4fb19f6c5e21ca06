"""Invented people from a seeded generator: the same seed gives the same names."""

import random
from collections.abc import Iterator
from functools import cache


def names(seed: int) -> Iterator[str]:
    """Yields Chinese personal names endlessly."""
    rng = random.Random(seed)
    families, givens = _parts()
    while True:
        yield rng.choice(families) + rng.choice(givens)


def name(seed: int, number: int) -> str:
    """The name of person `number`."""
    return next(names(hash((seed, number))))


def mobiles(seed: int) -> Iterator[str]:
    """Yields mobile numbers with a prefix that no operator uses, each once."""
    start = random.Random(seed).randrange(100_000_000)
    for number in range(100_000_000):
        yield f"190{(start + number) % 100_000_000:08d}"


@cache
def _parts() -> tuple[list[str], list[str]]:
    """Family names and given names, the same in every run."""
    # Imported here because it would slow down every start.
    from faker import Faker

    faker = Faker("zh_CN")
    faker.seed_instance(0)
    return [faker.last_name() for _ in range(200)], [faker.first_name() for _ in range(1000)]
