"""The named seeds, and what a request for one of them comes to."""

from enum import StrEnum

from wecom_tollbooth.seeds.corps import NewCorp


class SeedName(StrEnum):
    """A named seed."""

    EMPTY = "empty"
    DEMO = "demo"
    SCRM_400 = "scrm-400"
    BIG = "big"
    EDGE = "edge"


NUMBERS: dict[SeedName, tuple[int, int, int, bool]] = {
    SeedName.DEMO: (5, 40, 0, True),
    SeedName.SCRM_400: (20, 400, 240, True),
    SeedName.BIG: (50, 100_000, 0, False),
}
"""members, customers, follow_ups and activity, where a request doesn't give them."""


def named_corp(
    seed: SeedName,
    name: str,
    members: int | None = None,
    customers: int | None = None,
    follow_ups: int | None = None,
    activity: bool | None = None,
) -> NewCorp:
    """The corp of a named seed, with the numbers that are given."""
    if seed == SeedName.EMPTY:
        return NewCorp(name, seed)
    if seed == SeedName.EDGE:
        from wecom_tollbooth.seeds.edge import edge_file  # builds all its shapes

        return NewCorp(name, seed, 0, customers or 0, follow_ups or 0, file=edge_file())
    of_members, of_customers, of_follow_ups, of_activity = NUMBERS[seed]
    return NewCorp(
        name,
        seed,
        of_members if members is None else members,
        of_customers if customers is None else customers,
        of_follow_ups if follow_ups is None else follow_ups,
        of_activity if activity is None else activity,
    )
