"""Shapes that several control routes share."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from wecom_tollbooth.world.strict_numbers import LARGEST, SMALLEST, StrictNumbers

Number = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]
"""A number in a path or a query: agentids and ids of rows are never longer."""


class ControlRequest(StrictNumbers):
    """Base of request bodies and queries: unknown fields are refused, so that a typo is noticed."""

    model_config = ConfigDict(extra="forbid")


def example(**body: Any) -> ConfigDict:
    """The body that /docs offers; it can be sent as it is."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class DeletedReply(TypedDict):
    deleted: str
