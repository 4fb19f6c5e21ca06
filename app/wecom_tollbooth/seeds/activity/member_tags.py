"""Tags of members and departments that an admin has made."""

from wecom_tollbooth.families.directory.tables import MemberTag, TaggedDepartment, TaggedMember
from wecom_tollbooth.families.member_tags.lookup import AN_ADMIN
from wecom_tollbooth.seeds.activity.cast import Cast
from wecom_tollbooth.seeds.bulk import insert_rows, row_of

MANAGERS, EAST = "店长", "华东门店"
EASTERN = (3, 5, 6)
"""华东大区 and its shops."""


def tag_members(cast: Cast) -> None:
    """A tag with the first two members, and one with the departments of a region."""
    corp_id = cast.seeding.corp_id
    tags = [
        row_of(MemberTag, corp_id=corp_id, tagid=tagid, name=name, created_by=AN_ADMIN)
        for tagid, name in enumerate((MANAGERS, EAST), 1)
    ]
    insert_rows(cast.tx, MemberTag, tags)
    managers = [row_of(TaggedMember, corp_id=corp_id, tagid=1, userid=one) for one in cast.members[:2]]
    insert_rows(cast.tx, TaggedMember, managers)
    shops = [row_of(TaggedDepartment, corp_id=corp_id, tagid=2, department_id=one) for one in EASTERN]
    insert_rows(cast.tx, TaggedDepartment, shops)
