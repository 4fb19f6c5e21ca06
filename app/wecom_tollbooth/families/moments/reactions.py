"""获取客户朋友圈的互动数据: comments and likes below what a member has published, and their acts."""

from typing import Any, NotRequired

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.moments.family import family
from wecom_tollbooth.families.moments.lookup import the_moment, the_published, the_visible_publication
from wecom_tollbooth.families.moments.records import PUBLICATION_ERRORS, PublicationRequest
from wecom_tollbooth.families.moments.tables import (
    COMMENT,
    LIKE,
    MOMENT_PUBLICATION,
    MOMENT_REACTION,
    MOMENT_VIEWER,
    MomentReaction,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class Reaction(TypedDict):
    external_userid: NotRequired[str]
    userid: NotRequired[str]
    create_time: int


class CommentsReply(TypedDict):
    comment_list: list[Reaction]
    like_list: list[Reaction]


@family.post(
    "/cgi-bin/externalcontact/get_moment_comments",
    doc="93333",
    meter="moment.read",
    permission=Permission.MOMENT,
    errors=PUBLICATION_ERRORS,
    sample={"moment_id": "momxxx", "userid": "xxx"},
)
def get_moment_comments(call: Call, body: PublicationRequest) -> CommentsReply:
    """获取客户朋友圈的互动数据 / Get comments and likes of a moment

    Returns who commented and who liked what the member has published, oldest first, without the texts. Each
    has either external_userid or userid.
    """
    _, publication = the_visible_publication(call, body.moment_id, body.userid)
    query = sa.select(MOMENT_REACTION).where(*_below(call, publication)).order_by(MOMENT_REACTION.c.id)
    reply: CommentsReply = {"comment_list": [], "like_list": []}
    for row in call.db.execute(query):
        reply["like_list" if row.kind == LIKE else "comment_list"].append(_shape(row))
    return reply


def _shape(row: Any) -> Reaction:
    if row.is_member:
        return {"userid": row.person, "create_time": row.at}
    return {"external_userid": row.person, "create_time": row.at}


def _below(context: Call | Act, publication: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        MOMENT_REACTION.c.corp_id == context.corp_id,
        MOMENT_REACTION.c.moment_id == publication.moment_id,
        MOMENT_REACTION.c.userid == publication.userid,
    )


# --- acts ------------------------------------------------------------------------------------------------

COMMENT_CHARS = 1000


class CustomerLikesMoment(ActModel):
    external_userid: str
    moment_id: str
    userid: str | None = Field(default=None, description="who published it; needed if several have")


class CustomerCommentsMoment(CustomerLikesMoment):
    text: str = Field(min_length=1, max_length=COMMENT_CHARS)


@act("customer_likes_moment")
def customer_likes_moment(act: Act, body: CustomerLikesMoment) -> dict[str, Any]:
    """客户给朋友圈点赞 / A customer who sees a moment likes it."""
    return _react(act, _seen_by(act, body), LIKE, body.external_userid)


@act("customer_comments_moment")
def customer_comments_moment(act: Act, body: CustomerCommentsMoment) -> dict[str, Any]:
    """客户评论朋友圈 / A customer who sees a moment comments on it."""
    return _react(act, _seen_by(act, body), COMMENT, body.external_userid, text=body.text)


class MemberLikesMoment(ActModel):
    userid: str
    moment_id: str
    publisher: str | None = Field(default=None, description="who published it; the member itself by default")


class MemberCommentsMoment(MemberLikesMoment):
    text: str = Field(min_length=1, max_length=COMMENT_CHARS)


@act("member_likes_moment")
def member_likes_moment(act: Act, body: MemberLikesMoment) -> dict[str, Any]:
    """成员给朋友圈点赞 / A member likes what it or a colleague has published."""
    member = the_member(act, body.userid).userid
    return _react(act, _published_by(act, body, member), LIKE, member, is_member=True)


@act("member_comments_moment")
def member_comments_moment(act: Act, body: MemberCommentsMoment) -> dict[str, Any]:
    """成员评论朋友圈 / A member comments on what it or a colleague has published, as to answer a customer."""
    member = the_member(act, body.userid).userid
    return _react(act, _published_by(act, body, member), COMMENT, member, is_member=True, text=body.text)


def _published_by(act: Act, body: MemberLikesMoment, member: str) -> Any:
    return the_published(act, the_moment(act, body.moment_id), body.publisher or member)


def _seen_by(act: Act, body: CustomerLikesMoment) -> Any:
    """The publication that the customer sees."""
    moment = the_moment(act, body.moment_id)
    query = sa.select(MOMENT_VIEWER.c.userid).where(
        MOMENT_VIEWER.c.corp_id == act.corp_id,
        MOMENT_VIEWER.c.moment_id == moment.moment_id,
        MOMENT_VIEWER.c.external_userid == body.external_userid,
        MOMENT_VIEWER.c.can_see.is_(True),
    )
    if body.userid is not None:
        query = query.where(MOMENT_VIEWER.c.userid == the_published(act, moment, body.userid).userid)
    members = [row.userid for row in act.db.execute(query.order_by(MOMENT_VIEWER.c.userid))]
    if not members:
        raise ActRefused(f"{body.external_userid} does not see {moment.moment_id}")
    if len(members) > 1:
        raise ActRefused(f"{' and '.join(members[:3])} have published it: say whose by userid")
    return the_published(act, moment, members[0])


def _one_likes(act: Act, publication: Any) -> None:
    """Of likes at once, the others wait here until one is written."""
    act.db.execute(
        sa.select(MOMENT_PUBLICATION.c.userid)
        .where(
            MOMENT_PUBLICATION.c.corp_id == act.corp_id,
            MOMENT_PUBLICATION.c.moment_id == publication.moment_id,
            MOMENT_PUBLICATION.c.userid == publication.userid,
        )
        .with_for_update()
    )


def _react(
    act: Act, publication: Any, kind: str, person: str, *, is_member: bool = False, text: str = ""
) -> dict[str, Any]:
    if kind == LIKE:
        _one_likes(act, publication)
        query = sa.select(MOMENT_REACTION.c.id).where(
            *_below(act, publication), MOMENT_REACTION.c.kind == LIKE, MOMENT_REACTION.c.person == person
        )
        if act.db.execute(query).first() is not None:
            raise ActRefused(f"{person} likes {publication.moment_id} already")
    reaction = MomentReaction(
        corp_id=act.corp_id,
        moment_id=publication.moment_id,
        userid=publication.userid,
        id=act.next_id(),
        at=act.now,
        kind=kind,
        person=person,
        is_member=is_member,
        text=text,
    )
    act.db.execute(sa.insert(MOMENT_REACTION), reaction.model_dump())
    return {"moment_id": publication.moment_id, "userid": publication.userid, "create_time": act.now}
