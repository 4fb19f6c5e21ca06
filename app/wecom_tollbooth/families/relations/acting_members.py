"""The members that an act is about."""

from sqlmodel import select

from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.world.acts import Act, ActRefused


def the_member(act: Act, userid: str) -> Member:
    """A member who is there; raises ActRefused otherwise."""
    member = act.db.session.exec(
        select(Member).where(Member.corp_id == act.corp_id, Member.userid_key == userid.lower())
    ).first()
    if member is None or member.status == LEFT:
        raise ActRefused(f"there is no member {userid!r} in this corp")
    return member


def the_follower(act: Act, userid: str) -> Member:
    """A member who may have customers; raises ActRefused otherwise."""
    member = the_member(act, userid)
    if not member.may_follow:
        raise ActRefused(f"{member.userid} is not in 客户联系's range of use")
    if member.status != 1:
        raise ActRefused(f"{member.userid} is not active (status {member.status})")
    return member
