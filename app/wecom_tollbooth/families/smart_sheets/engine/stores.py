"""Which store a sub-table's records are in."""

from collections.abc import Callable

from wecom_tollbooth.families.smart_sheets.engine.record_store import OrdinaryStore, RecordStore
from wecom_tollbooth.families.smart_sheets.lookup import Doer, Sheet

SOURCES: dict[str, Callable[[Doer, Sheet], RecordStore]] = {"": OrdinaryStore}
"""By Document.source; families that show their rows as a smart sheet add themselves."""


def store_of(doer: Doer, sheet: Sheet) -> RecordStore:
    return SOURCES[sheet.source](doer, sheet)
