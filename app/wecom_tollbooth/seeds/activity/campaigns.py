"""Welcome messages, a mass message with mixed results, and a moment that customers answered."""

import sqlalchemy as sa

from wecom_tollbooth.families.mass_messages.acts import (
    ConfirmedTask,
    OneTask,
    member_confirms_group_message,
    member_ignores_group_message,
)
from wecom_tollbooth.families.mass_messages.dispatch import make_tasks
from wecom_tollbooth.families.mass_messages.tables import (
    MASS_MESSAGE,
    MASS_RECEIVER,
    MASS_TASK,
    SINGLE,
    MassMessage,
)
from wecom_tollbooth.families.moments.acts import MemberPublishesMoment, member_publishes_moment
from wecom_tollbooth.families.moments.jobs import (
    make_from_console,
    moment_job_ends,
    moment_tasks_are_made,
)
from wecom_tollbooth.families.moments.reactions import (
    CustomerCommentsMoment,
    CustomerLikesMoment,
    MemberCommentsMoment,
    customer_comments_moment,
    customer_likes_moment,
    member_comments_moment,
)
from wecom_tollbooth.families.moments.tables import MOMENT_JOB, MOMENT_VIEWER
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.seeds.activity.cast import Cast
from wecom_tollbooth.world.clock import DAY, HOUR
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

WELCOME = "你好呀，欢迎来到我们家！回复「菜单」看本周新品，到店报手机号可以积分～"
WELCOMED = 8
MESSAGE = {
    "text": {"content": "【周三会员日】葡萄冻冻第二杯半价，凭此消息到店再送小料一份，仅限今天！"},
    "attachments": [
        {
            "msgtype": "link",
            "link": {
                "title": "会员日菜单",
                "desc": "葡萄冻冻、杨枝甘露第二杯半价",
                "url": "https://tea.example.com/menu/member-day",
            },
        }
    ],
}
MOMENT = {"text": {"content": "秋天的第一杯：桂花乌龙上新啦！前一百名到店免费升级大杯 🍂"}}
LIKES, COMMENTS = 5, ("看起来好好喝", "周末带同事来！", "有无咖啡因的吗？")
ANSWER = "有的，可以换成桂花牛乳～"


def welcome_customers(cast: Cast) -> None:
    """The customers who came last got a welcome message."""
    for userid, customers in cast.customers.items():
        act = cast.at(cast.now - 15 * DAY)
        if customers:
            message = write_message(act, "welcome", userid, {"text": {"content": WELCOME}})
            show(act, message, customers[-WELCOMED:])


def send_mass_message(cast: Cast) -> None:
    """One member confirmed it, one ignored it, the others wait; one customer was gone by then."""
    customers = sorted({one for each in cast.customers.values() for one in each})
    if not customers:
        return
    made = cast.at(cast.now - 5 * DAY)
    message = MassMessage(
        corp_id=made.corp_id,
        seq=made.next_id(),
        msgid=made.new_id("msg"),
        chat_type=SINGLE,
        agentid=cast.agentid,
        create_time=made.now,
        content=MESSAGE,
        selection={"customers": customers, "senders": cast.members},
    )
    cast.tx.execute(sa.insert(MASS_MESSAGE), message.model_dump())
    for after in ("", str(len(customers))):  # the receivers, then the tasks
        make_tasks(cast.at(made.now + 1), f"{message.seq}|{after}")
    tasks = sa.select(MASS_TASK.c.userid).where(
        MASS_TASK.c.corp_id == made.corp_id, MASS_TASK.c.message == message.seq
    )
    # A customer of several members gets it from one of them.
    with_task = set(cast.tx.execute(tasks).scalars())
    senders = [userid for userid in cast.members if userid in with_task]
    _lose_a_customer(cast, senders[0], message)
    confirmed = ConfirmedTask(userid=senders[0], msgid=message.msgid)
    member_confirms_group_message(cast.at(made.now + HOUR), confirmed)
    if len(senders) > 1:
        ignored = OneTask(userid=senders[1], msgid=message.msgid)
        member_ignores_group_message(cast.at(made.now + 2 * HOUR), ignored)
    _forget_what_is_due(cast)


def _lose_a_customer(cast: Cast, userid: str, message: MassMessage) -> None:
    """One who is to get the message deletes the member before it is sent: it doesn't arrive (status 2)."""
    of_member = (
        (MASS_RECEIVER.c.corp_id == message.corp_id)
        & (MASS_RECEIVER.c.message == message.seq)
        & (MASS_RECEIVER.c.userid == userid)
    )
    query = sa.select(MASS_RECEIVER.c.receiver).where(of_member).order_by(MASS_RECEIVER.c.receiver).limit(3)
    receivers = list(cast.tx.execute(query).scalars())
    if len(receivers) == 3:
        relation = (
            (FOLLOW_USER.c.corp_id == message.corp_id)
            & (FOLLOW_USER.c.userid == userid)
            & (FOLLOW_USER.c.external_userid == receivers[1])
        )
        at = message.create_time
        cast.tx.execute(sa.update(FOLLOW_USER).where(relation).values(deleted_by_customer_at=at))


def publish_moment(cast: Cast) -> None:
    """A moment of the corp that the first member with customers published, and what they made of it."""
    publishers = [userid for userid in cast.members if cast.customers[userid]]
    if not publishers:
        return
    made, publisher = cast.at(cast.now - 2 * DAY), publishers[0]
    senders = {"user_list": publishers, "department_list": []}
    moment_id = make_from_console(made, publisher, MOMENT, senders, None)
    jobid = cast.tx.execute(
        sa.select(MOMENT_JOB.c.jobid).where(MOMENT_JOB.c.corp_id == made.corp_id)
    ).scalar()
    moment_tasks_are_made(cast.at(made.now + 1), f"{jobid}/")
    moment_job_ends(cast.at(made.now + 2), str(jobid))
    published = MemberPublishesMoment(userid=publisher, moment_id=moment_id)
    member_publishes_moment(cast.at(made.now + HOUR), published)
    _answer_moment(cast, moment_id, publisher, made.now + 2 * HOUR)
    _forget_what_is_due(cast)


def _answer_moment(cast: Cast, moment_id: str, publisher: str, at: int) -> None:
    query = sa.select(MOMENT_VIEWER.c.external_userid).where(
        MOMENT_VIEWER.c.corp_id == cast.seeding.corp_id,
        MOMENT_VIEWER.c.moment_id == moment_id,
        MOMENT_VIEWER.c.can_see.is_(True),
    )
    viewers = list(cast.tx.execute(query.order_by(MOMENT_VIEWER.c.external_userid)).scalars())
    for place, viewer in enumerate(viewers[:LIKES]):
        like = CustomerLikesMoment(external_userid=viewer, moment_id=moment_id, userid=publisher)
        customer_likes_moment(cast.at(at + place * HOUR), like)
    for place, (viewer, text) in enumerate(zip(viewers, COMMENTS, strict=False)):
        comment = CustomerCommentsMoment(
            external_userid=viewer, moment_id=moment_id, userid=publisher, text=text
        )
        customer_comments_moment(cast.at(at + place * HOUR + 600), comment)
    if viewers:
        answer = MemberCommentsMoment(userid=publisher, moment_id=moment_id, text=ANSWER)
        member_comments_moment(cast.at(at + len(COMMENTS) * HOUR), answer)


def _forget_what_is_due(cast: Cast) -> None:
    """What is due was done here, or would reach all customers of a large corp."""
    due = (SCHEDULED_TASK.c.corp_id == cast.seeding.corp_id) & (SCHEDULED_TASK.c.due_at <= cast.now)
    cast.tx.execute(sa.delete(SCHEDULED_TASK).where(due))
