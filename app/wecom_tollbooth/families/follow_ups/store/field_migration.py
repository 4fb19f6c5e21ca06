"""Fields that are added, or change their type, under an id for which records already have values."""

import orjson
import sqlalchemy as sa

from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline, fits
from wecom_tollbooth.families.follow_ups.tables import FOLLOW_UP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal


def refuse_values_of_another_type(call: Call, before: Pipeline, after: Pipeline) -> None:
    """Raises 990003 if a record has a value that does not fit a new field or a field's new type.

    Values stay when their field is removed, so that nothing is lost; a removed option stays where it was
    chosen.
    """
    custom = sa.type_coerce(FOLLOW_UP.c.custom, sa.Text).label("custom")
    place = sa.func.instr if call.db.dialect == "sqlite" else sa.func.strpos
    for field_id, field in after.fields.items():
        known = before.fields.get(field_id)
        if known is not None and known["type"] == field["type"]:
            continue
        has_it = place(custom, f"{orjson.dumps(field_id).decode()}:") > 0
        query = sa.select(FOLLOW_UP.c.seq, custom).where(FOLLOW_UP.c.corp_id == call.corp_id, has_it)
        for row in call.db.execute(query):
            values = orjson.loads(row.custom)
            if field_id in values and not fits(field, values[field_id]):
                raise Refusal(
                    ErrCode.INVALID_PIPELINE,
                    detail=f"{follow_up_id(row.seq)} has {values[field_id]!r} as {field_id}, not of "
                    f"type {field['type']}: remove the value first, or choose another field_id",
                )
