"""The seed `edge`: each shape that a documented field may have, present, absent, empty, longest, rare."""

from typing import Any

from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.edge.customers import CUSTOMERS
from wecom_tollbooth.seeds.edge.directory import DIRECTORY
from wecom_tollbooth.seeds.edge.groups import GROUPS
from wecom_tollbooth.seeds.edge.tags import TAGS

NAME = "边界情形企业"


def edge_file() -> SeedFile:
    """A seed file like any other; its ids are written into it, so that a test can name them."""
    described: dict[str, Any] = {"name": NAME, **DIRECTORY, **TAGS, "customers": CUSTOMERS, "groups": GROUPS}
    return SeedFile.model_validate(described)
