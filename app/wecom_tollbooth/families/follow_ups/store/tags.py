"""The tags that the member of a record has given its customer."""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction, json_list
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG


def _tags(dialect: str) -> sa.Select[Any]:
    """Selects the tags of the customers whose ids are in the JSON list `customers`."""
    return sa.select(FOLLOW_TAG.c.external_userid, FOLLOW_TAG.c.userid, FOLLOW_TAG.c.tag_id).where(
        FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
        FOLLOW_TAG.c.external_userid.in_(json_list(dialect, "customers")),
    )


_TAGS = CompiledStatement(_tags)


def with_tags(tx: Transaction, corp_id: str, rows: list[Row]) -> list[Row]:
    """The same rows, each with the ids of its tags under `tag_id`."""
    if not rows:
        return rows
    customers = orjson.dumps([row["external_userid"] for row in rows]).decode()
    found: dict[tuple[str, str], list[str]] = {}
    for external_userid, userid, tag_id in _TAGS.all(tx, corp_id=corp_id, customers=customers):
        found.setdefault((external_userid, userid), []).append(tag_id)
    for row in rows:
        row["tag_id"] = sorted(found.get((row["external_userid"], row["userid"]), ()))
    return rows
