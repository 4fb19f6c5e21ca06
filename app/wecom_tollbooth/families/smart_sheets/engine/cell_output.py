"""Records as replies show them: cells of every type, and the names of creators and updaters."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import (
    ID_TYPE_MEMBER,
    ID_TYPE_SYSTEM,
    shown,
    user_cell,
)
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import Person, Record
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY
from wecom_tollbooth.world.clock import SHANGHAI
from wecom_tollbooth.world.context import Context


def values_of(record: Record, columns: list[Column], *, by_id: bool) -> dict[str, Any]:
    """The non-empty cells of the record, by title or id of their field."""
    values = {}
    for column in columns:
        cell = _cell(record, column)
        if cell is not None:
            values[column.field_id if by_id else column.title] = cell
    return values


def _cell(record: Record, column: Column) -> Any:
    match column.type:
        case types.CREATED_TIME:
            return str(record.created_at_ms)
        case types.MODIFIED_TIME:
            return str(record.updated_at_ms)
        case types.CREATED_USER:
            return [user_cell(record.creator.id_type, record.creator.id)]
        case types.MODIFIED_USER:
            return [user_cell(record.updater.id_type, record.updater.id)]
        case types.AUTONUMBER:
            text = auto_number(column.settings, record.number, record.created_at_ms)
            return [{"seq": str(record.number), "text": text}]
    return shown(column, record.cells.get(column.field_id))


def auto_number(property_: dict[str, Any], number: int, created_at_ms: int) -> str:
    """The number as its rules format it: INCR with leading zeros, TIME as a date, FIXED_CHAR unchanged."""
    if property_.get("type") != "NUMBER_TYPE_CUSTOM" or not property_.get("rules"):
        return str(number)
    written = ""
    for rule in property_["rules"]:
        value = rule.get("value", "")
        match rule["type"]:
            case types.FIXED_CHAR:
                written += value
            case types.TIME:
                created = datetime.fromtimestamp(created_at_ms // 1000, SHANGHAI)
                written += created.strftime(types.TIME_FORMATS[value or "YYYYMMDD"])
            case _:
                digits = int(value) if value.isascii() and value.isdecimal() and len(value) < 3 else 0
                written += str(number).zfill(min(digits, 20))
    return written


def names_of(context: Context, people: Iterable[Person]) -> dict[Person, str]:
    """The names of members, apps and webhooks; the ids of others."""
    wanted = list(people)
    names = {person: person.id for person in wanted}
    userids = [person.id for person in wanted if person.id_type == ID_TYPE_MEMBER]
    agentids = [
        int(person.id) for person in wanted if person.id_type != ID_TYPE_MEMBER and person.id.isdecimal()
    ]
    members = sa.select(MEMBER.c.userid, MEMBER.c.name).where(
        MEMBER.c.corp_id == context.corp_id, MEMBER.c.userid.in_(userids)
    )
    apps = sa.select(APP.c.agentid, APP.c.name).where(
        APP.c.corp_id == context.corp_id, APP.c.agentid.in_(agentids)
    )
    known = {(True, row.userid): row.name for row in context.db.execute(members)} if userids else {}
    if agentids:
        known.update({(False, str(row.agentid)): row.name for row in context.db.execute(apps)})
    webhook_ids = [person.id for person in wanted if person.id_type == ID_TYPE_SYSTEM]
    if webhook_ids:
        webhooks = sa.select(WEBHOOK_KEY.c.webhook_id, WEBHOOK_KEY.c.name).where(
            WEBHOOK_KEY.c.corp_id == context.corp_id, WEBHOOK_KEY.c.webhook_id.in_(webhook_ids)
        )
        known.update({(False, row.webhook_id): row.name for row in context.db.execute(webhooks)})
    return {
        person: known.get((person.id_type == ID_TYPE_MEMBER, person.id), name)
        for person, name in names.items()
    }
