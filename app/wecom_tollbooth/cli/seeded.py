"""The corp of `tollbooth serve --seed`: by a seed's name, or described in a file."""

from pathlib import Path

from wecom_tollbooth.cli.corps import EXPORTED, NAMED_SEEDS, read_seed
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.db import Database
from wecom_tollbooth.seeds import NewCorp, SeedName, named_corp
from wecom_tollbooth.seeds.described.checks import refuse_contradictions
from wecom_tollbooth.seeds.described.faults import WrongSeed
from wecom_tollbooth.seeds.described.reading import described, read_text
from wecom_tollbooth.world.context import Context


def seeded_corp(seed: str, database: Database) -> NewCorp:
    """The corp to create. Raises CommandError for a file that is wrong, with line and field."""
    if seed in NAMED_SEEDS:
        return named_corp(SeedName(seed), f"种子 {seed}")
    if seed.endswith(EXPORTED):
        raise CommandError(
            "--seed: an exported corp is given to a running server: tollbooth corp create --seed FILE", 2
        )
    text = read_seed(seed)
    assert isinstance(text, dict), "a name of a seed is one of the above"
    with database.transaction() as tx:
        now = Context(database.settings, tx, "").now
    try:
        source = read_text(text["file"])
        file = described(source)
        refuse_contradictions(file, source, now)
    except WrongSeed as error:
        raise CommandError(f"--seed: {seed}: {error}", 2) from None
    name = file.name or Path(seed).stem[:64]
    return NewCorp(name, "described", 0, file.drawn.customers, file.drawn.follow_ups, file=file)
