"""Fills a new corp with what a seed file describes."""

from wecom_tollbooth.db import Slices
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.described.writing.customers import customer_rows, tag_rows
from wecom_tollbooth.seeds.described.writing.directory import directory_rows
from wecom_tollbooth.seeds.described.writing.follow_ups import writing_follow_ups
from wecom_tollbooth.seeds.described.writing.groups import group_rows
from wecom_tollbooth.seeds.described.writing.rows import Making, writing_rows
from wecom_tollbooth.seeds.seeding import Seeding


def adding_described(seeding: Seeding, file: SeedFile, agentid: int) -> Slices[None]:
    """Adds what the file describes, which must not contradict itself."""
    making = Making(file, seeding, agentid)
    for rows in (directory_rows, tag_rows, customer_rows, group_rows):
        yield from writing_rows(seeding, rows(making))
    yield from writing_follow_ups(making)
    number = making.number()
    if making.contacts:
        seeding.booked.append((number, len(making.contacts)))


def rows_of(file: SeedFile) -> int:
    """What there is to write, roughly; what is drawn is not counted."""
    relations = sum(
        1 + len(one.followers) + sum(len(f.tags) for f in one.followers) for one in file.customers
    )
    people = sum(1 + len(group.people) for group in file.groups)
    return len(file.members) + len(file.departments) + relations + people


def ids_of(file: SeedFile) -> int:
    """At most so many ids are drawn; what is left is given back."""
    tags = sum(1 + len(group.tags) for group in file.tag_groups)
    logs = [f.follow_up for one in file.customers for f in one.followers if f.follow_up is not None]
    records = sum(2 + len(record.logs) for record in logs)
    relations = sum(1 + len(one.followers) for one in file.customers)
    people = sum(2 + len(group.people) for group in file.groups)
    return 2 * len(file.apps) + len(file.members) + tags + relations + records + people + 1
