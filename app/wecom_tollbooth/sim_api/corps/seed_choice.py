"""What the seed of a new corp may be: a name, a seed file, or what a seed file would say."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Base64Bytes, Discriminator, Field, GetJsonSchemaHandler, Tag
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from wecom_tollbooth.seeds import NewCorp, SeedName, named_corp
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.shapes import ControlRequest

if TYPE_CHECKING:
    from wecom_tollbooth.seeds.described.shapes import SeedFile

NAME = "演示企业"


class SeedText(ControlRequest):
    """A seed file as it is, YAML or JSON; faults in it are told with their lines."""

    file: str = Field(description="文件内容，YAML 或 JSON / What the file says")


class SeedExport(ControlRequest):
    """An exported corp, from which a corp of another corpid is made."""

    export: Base64Bytes = Field(
        description="`GET …/export` 得到的文件，base64 / The file of GET …/export in base64"
    )


class Described(dict[str, Any]):
    """What a seed file would say.

    In OpenAPI it is a SeedFile; it is read as one when a corp is made of it, because to import and build
    the shapes of seed files would be a sixteenth of a start.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.dict_schema())


class _ShownAsSeedFile:
    """An annotation, because a type of its own would be written out in place of a reference."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from wecom_tollbooth.seeds.described.shapes import SeedFile

        SeedFile.model_rebuild()
        return handler(SeedFile.__pydantic_core_schema__)


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
    | Annotated[Described, _ShownAsSeedFile(), Tag("described")],
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
    file = await server.in_thread(_read, seed, now)
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


def _read(seed: SeedText | Described, now: int) -> "SeedFile":
    """In a thread: a large file takes seconds to read. Raises SimError 422."""
    from wecom_tollbooth.seeds.described.checks import refuse_contradictions
    from wecom_tollbooth.seeds.described.faults import Source, WrongSeed
    from wecom_tollbooth.seeds.described.reading import described, read_text

    try:
        source = read_text(seed.file) if isinstance(seed, SeedText) else Source(dict(seed))
        file = described(source)
        refuse_contradictions(file, source, now)
    except WrongSeed as error:
        raise SimError(422, f"seed: {error}") from None
    return file
