"""What the seed of a new corp may be: a name, a seed file, or what a seed file would say."""

from functools import partial
from typing import Annotated, Any

from pydantic import Base64Bytes, Discriminator, Field, Tag

from wecom_tollbooth.seeds import NewCorp, SeedName, named_corp
from wecom_tollbooth.seeds.described.checks import refuse_contradictions
from wecom_tollbooth.seeds.described.faults import Source, WrongSeed
from wecom_tollbooth.seeds.described.reading import described, read_text, with_somebody
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.shapes import ControlRequest

NAME = "演示企业"


class SeedText(ControlRequest):
    """A seed file as it is, YAML or JSON; faults in it are told with their lines."""

    file: str = Field(description="文件内容，YAML 或 JSON / What the file says")


class SeedExport(ControlRequest):
    """An exported corp, from which a corp of another corpid is made."""

    export: Base64Bytes = Field(
        description="`GET …/export` 得到的文件，base64 / The file of GET …/export in base64"
    )


def _kind(seed: Any) -> str:
    if isinstance(seed, str):
        return "named"
    for kind, shape in (("file", SeedText), ("export", SeedExport)):
        if isinstance(seed, shape) or (isinstance(seed, dict) and kind in seed):
            return kind
    return "described"


SeedChoice = Annotated[
    Annotated[SeedName, Tag("named")]
    | Annotated[SeedText, Tag("file")]
    | Annotated[SeedExport, Tag("export")]
    | Annotated[SeedFile, Tag("described")],
    Discriminator(_kind),
]


async def new_corp(
    server: Server, seed: Any, name: str | None, numbers: dict[str, Any], at: int | None = None
) -> NewCorp:
    """The corp that a request asks for; `numbers` are those that it gives. Raises SimError 422.

    `at` is the time of its clock, where it isn't the server's.
    """
    if isinstance(seed, SeedName):
        make = partial(named_corp, seed, name or NAME, **numbers)
        # The shapes of seed files are built at their first use, which takes a while.
        return await server.in_thread(make) if seed is SeedName.EDGE else make()
    now = at if at is not None else await server.run(lambda tx: server.context(tx).now)
    try:
        file = await server.in_thread(_read, seed, now)
    except WrongSeed as error:
        raise SimError(422, f"seed: {error}") from None
    customers = numbers.get("customers")
    follow_ups = numbers.get("follow_ups")
    return NewCorp(
        name or file.name or NAME,
        "described",
        0,
        file.drawn.customers if customers is None else customers,
        file.drawn.follow_ups if follow_ups is None else follow_ups,
        file=file,
    )


def _read(seed: SeedText | SeedFile, now: int) -> SeedFile:
    """In a thread: a large file takes seconds to read."""
    if isinstance(seed, SeedFile):
        source, file = Source(None), with_somebody(seed)
    else:
        source = read_text(seed.file)
        file = described(source)
    refuse_contradictions(file, source, now)
    return file
