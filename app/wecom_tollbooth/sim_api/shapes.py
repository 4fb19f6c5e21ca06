"""Shapes that several control routes share."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict


class ControlRequest(BaseModel):
    """Base of request bodies and queries: unknown fields are refused, so that a typo is noticed."""

    model_config = ConfigDict(extra="forbid")


def example(**body: Any) -> ConfigDict:
    """The body that /docs offers; it can be sent as it is."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class DeletedReply(TypedDict):
    deleted: str
