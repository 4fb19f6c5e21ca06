"""Every table of corps is in a snapshot, or there is a reason why not."""

from wecom_tollbooth.corps.snapshot_tables import KEPT_BY_RESTORE
from wecom_tollbooth.snapshots.content import NOT_OF_A_LIVING_CORP, contents
from wecom_tollbooth.snapshots.defaults import default_of, has_default
from wecom_tollbooth.tables import metadata

KEPT = {
    "snapshot": "snapshots aren't part of themselves",
    "snapshot_part": "snapshots aren't part of themselves",
    "snapshot_file": "snapshots aren't part of themselves",
    "superseded_record": "what restores took out of the ledger is never taken back",
    "ledger_segment": "restores are never taken back",
}


def test_a_new_table_is_in_snapshots_unless_it_says_otherwise() -> None:
    of_corps = {table.name for table in metadata().tables.values() if "corp_id" in table.c}
    covered = {content.table.name for content in contents()}
    kept = {table.name for table in metadata().tables.values() if KEPT_BY_RESTORE in table.info}
    assert kept == set(KEPT)
    assert of_corps - covered - kept == {table.name for table in NOT_OF_A_LIVING_CORP}


def test_each_table_has_a_key_of_the_corp_and_columns_that_can_be_read_and_written() -> None:
    for content in contents():
        assert next(iter(content.table.primary_key.columns)).name == "corp_id", content.table.name
        for column in content.columns:
            if has_default(content.table, column.name):
                default_of(content.table, column.name)
