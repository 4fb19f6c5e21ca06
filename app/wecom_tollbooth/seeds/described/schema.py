"""The published JSON schema of seed files."""

from typing import Any

from wecom_tollbooth.seeds.described.shapes import SeedFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def seed_schema() -> dict[str, Any]:
    """What a seed file may have; contradictions between its parts are told by the server alone."""
    return {
        "$schema": DIALECT,
        **SeedFile.model_json_schema(),
        "title": "WeCom Tollbooth seed file",
    }
