"""What members and customers do with moments outside the API."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.attachments.message_content import Content
from wecom_tollbooth.families.directory.lookup import the_active_follower, the_member
from wecom_tollbooth.families.media.lookup import MediaType, check_media
from wecom_tollbooth.families.moments.content import MOST
from wecom_tollbooth.families.moments.counts import lock_counts, store_counts
from wecom_tollbooth.families.moments.jobs import make_from_console
from wecom_tollbooth.families.moments.lookup import publication_of, the_moment, the_moment_of_corp
from wecom_tollbooth.families.moments.publication import CUSTOMERS_AT_ONCE, publish
from wecom_tollbooth.families.moments.tables import (
    MOMENT,
    MOMENT_PUBLICATION,
    PARTLY,
    PERSONAL,
    PUBLIC,
    Moment,
    MomentPublication,
)
from wecom_tollbooth.families.phones.screens import PUBLISHED, RECALLED, set_state
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

TEXT_CHARS = 2000


class MemberPublishesMoment(ActModel):
    userid: str
    moment_id: str = Field(description="of the corp; the member sees its task on the phone")


@act("member_publishes_moment")
def member_publishes_moment(act: Act, body: MemberPublishesMoment) -> dict[str, Any]:
    """成员发表企业朋友圈 / A member publishes a moment of the corp: its customers see it."""
    userid = the_active_follower(act, body.userid).userid
    moment = the_moment_of_corp(act, body.moment_id)
    publication = publication_of(act, moment.moment_id, userid)
    if publication is None:
        raise ActRefused(f"{userid} is not asked to publish {moment.moment_id}")
    if moment.cancelled_at is not None:
        raise ActRefused(f"{moment.moment_id} was stopped: nobody can publish it any more")
    publish(act, moment, userid)
    set_state(act, moment.task_message_id, PUBLISHED, userid)
    return {"moment_id": moment.moment_id, "userid": userid}


# --- a member's own moments ------------------------------------------------------------------------------


class PostedVideo(ActModel):
    media_id: str
    thumb_media_id: str | None = None


class PostedLink(ActModel):
    title: str = Field(default="", max_length=64)
    url: str


class PostedLocation(ActModel):
    latitude: str
    longitude: str
    name: str


class PostedContent(ActModel):
    text: str = Field(default="", max_length=TEXT_CHARS)
    images: list[str] = Field(
        default=[], max_length=MOST["image"], description="media_ids of media/upload_attachment, up to 9"
    )
    video: PostedVideo | None = Field(default=None, description="without images and link")
    link: PostedLink | None = Field(default=None, description="without images and video")
    location: PostedLocation | None = None


class MemberPostsMoment(PostedContent):
    userid: str
    external_userids: list[str] | None = Field(
        default=None, max_length=CUSTOMERS_AT_ONCE, description="who sees it; absent: all customers"
    )


@act("member_posts_moment")
def member_posts_moment(act: Act, body: MemberPostsMoment) -> dict[str, Any]:
    """成员自己发表朋友圈 / A member publishes a moment of its own: its customers see it."""
    userid = the_active_follower(act, body.userid).userid
    moment = Moment(
        corp_id=act.corp_id,
        moment_id=act.new_id("mom"),
        seq=act.next_id(),
        create_time=act.now,
        create_type=PERSONAL,
        visible_type=PUBLIC if body.external_userids is None else PARTLY,
        creator=userid,
        content=_content(act, body),
        dispatched=True,
    )
    act.db.execute(sa.insert(MOMENT), moment.model_dump())
    publication = MomentPublication(corp_id=act.corp_id, moment_id=moment.moment_id, userid=userid)
    act.db.execute(sa.insert(MOMENT_PUBLICATION), publication.model_dump())
    publish(act, moment, userid, body.external_userids)
    return {"moment_id": moment.moment_id, "userid": userid}


def _content(act: Act, body: PostedContent) -> Content:
    parts: list[dict[str, Any]] = [
        {"msgtype": "image", "image": {"media_id": media_id}} for media_id in body.images
    ]
    if body.video:
        parts.append({"msgtype": "video", "video": body.video.model_dump(exclude_none=True)})
    if body.link:
        parts.append({"msgtype": "link", "link": body.link.model_dump()})
    if len({part["msgtype"] for part in parts}) > 1:
        raise ActRefused("a moment has images, or a video, or a link")
    content: Content = {}
    if body.text:
        content["text"] = {"content": body.text}
    if parts:
        content["attachments"] = parts
    if not content:
        raise ActRefused("a moment has a text, images, a video or a link")
    _check_files(act, body)
    if body.location:
        content["location"] = body.location.model_dump()
    return content


def _check_files(act: Act, body: PostedContent) -> None:
    """Raises ActRefused for a file that an app could not read by the media_id of the moment."""
    given: list[tuple[str, str, MediaType]] = [
        (f"images[{index}]", media_id, "image") for index, media_id in enumerate(body.images)
    ]
    if body.video:
        given.append(("video.media_id", body.video.media_id, "video"))
        if body.video.thumb_media_id is not None:
            given.append(("video.thumb_media_id", body.video.thumb_media_id, "image"))
    for field, media_id, type in given:
        check_media(act, media_id, type, field=field, use="moment")


class MemberDeletesMoment(ActModel):
    userid: str
    moment_id: str


@act("member_deletes_moment")
def member_deletes_moment(act: Act, body: MemberDeletesMoment) -> dict[str, Any]:
    """成员删除自己的朋友圈 / A member deletes a moment of its own: it becomes unknown (41060)."""
    userid = the_member(act, body.userid).userid
    moment = the_moment(act, body.moment_id)
    if moment.creator != userid or moment.create_type != PERSONAL:
        raise ActRefused(f"{moment.moment_id} is no moment of {userid}'s own")
    this = (MOMENT.c.corp_id == act.corp_id, MOMENT.c.moment_id == moment.moment_id)
    act.db.execute(sa.update(MOMENT).where(*this).values(deleted_at=act.now))
    set_state(act, publication_of(act, moment.moment_id, userid).message_id, RECALLED)
    return {"moment_id": moment.moment_id, "userid": userid}


# --- the corp --------------------------------------------------------------------------------------------


class AdminCreatesMoment(PostedContent):
    userid: str = Field(description="the admin, a member: the creator of the moment")
    user_list: list[str] = Field(default=[], description="who is to publish it")
    department_list: list[int] = Field(default=[], description="likewise; without both all members")
    tag_list: list[str] = Field(default=[], description="corp tags of who sees it; absent: all customers")


@act("admin_creates_moment")
def admin_creates_moment(act: Act, body: AdminCreatesMoment) -> dict[str, Any]:
    """管理员在后台创建企业朋友圈 / An admin has a moment made in the console: it has a creator."""
    creator = the_member(act, body.userid).userid
    senders = {"user_list": body.user_list, "department_list": body.department_list}
    given = senders if body.user_list or body.department_list else None
    return {"moment_id": make_from_console(act, creator, _content(act, body), given, body.tag_list or None)}


class AdminOpensMoments(ActModel):
    opened: bool = True


@act("admin_opens_moments")
def admin_opens_moments(act: Act, body: AdminOpensMoments) -> dict[str, Any]:
    """管理员开启或关闭客户朋友圈 / An admin opens or closes customer moments; closed: 41211."""
    counts = lock_counts(act)
    counts.is_open = body.opened
    store_counts(act, counts)
    return {"opened": body.opened}
