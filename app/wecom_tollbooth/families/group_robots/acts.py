"""What members and admins do with robots in the client."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.app_chats.membership import MOST, find_chat, make_chat, present
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.gateway.steps.keys.robot_keys import new_key
from wecom_tollbooth.gateway.tables import GROUP_ROBOT
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

SEND = "/cgi-bin/webhook/send"


class MemberAddsGroupRobot(ActModel):
    """To a group that exists (`chatid`, such as one of appchat/create), or to a new one of `members`."""

    userid: str
    chatid: str | None = None
    members: list[str] = Field(default_factory=list, max_length=MOST)
    name: str = Field(default="消息推送", min_length=1, max_length=64)


@act("member_adds_group_robot")
def member_adds_group_robot(act: Act, body: MemberAddsGroupRobot) -> dict[str, Any]:
    """成员在群里添加消息推送（群机器人） / A member adds a robot to a group: returns its key and address."""
    userid = the_member(act, body.userid).userid
    if (body.chatid is None) is (not body.members):
        raise ActRefused("give chatid, or members of a new group")
    chat_id = _new_chat(act, userid, body.members) if body.chatid is None else body.chatid
    chat = find_chat(act, chat_id)
    if chat is None or userid not in present(act, chat.members, chat.owner)[0]:
        raise ActRefused(f"{userid} is in no group {chat_id!r} of members")
    robot_id, key = act.new_id("wb"), new_key(act)
    act.db.execute(
        sa.insert(GROUP_ROBOT).values(
            corp_id=act.corp_id,
            key=key,
            robot_id=robot_id,
            chat_id=chat_id,
            name=body.name,
            userid=userid,
            enabled=True,
            created_at=act.now,
        )
    )
    return {"robot_id": robot_id, "chatid": chat_id, "key": key, "webhook": f"{SEND}?key={key}"}


def _new_chat(act: Act, owner: str, userids: list[str]) -> str:
    members = list(dict.fromkeys([owner, *(the_member(act, userid).userid for userid in userids)]))
    chat_id = act.new_id("wr")
    make_chat(act, chat_id, agentid=0, name="", owner=owner, members=members)
    return chat_id


class MemberRemovesGroupRobot(ActModel):
    robot_id: str


@act("member_removes_group_robot")
def member_removes_group_robot(act: Act, body: MemberRemovesGroupRobot) -> dict[str, Any]:
    """成员移除群里的消息推送 / A member removes a robot from its group: its key becomes unknown (93000)."""
    deleted = sa.delete(GROUP_ROBOT).where(
        GROUP_ROBOT.c.corp_id == act.corp_id, GROUP_ROBOT.c.robot_id == body.robot_id
    )
    if not act.db.execute(deleted).rowcount:
        raise ActRefused(f"there is no robot {body.robot_id!r}")
    return {"robot_id": body.robot_id}


class AdminDisablesGroupRobot(ActModel):
    robot_id: str
    disabled: bool = True


@act("admin_disables_group_robot")
def admin_disables_group_robot(act: Act, body: AdminDisablesGroupRobot) -> dict[str, Any]:
    """管理员停用或恢复消息推送 / An admin disables a robot (93004), or with `disabled` false enables it."""
    changed = (
        sa.update(GROUP_ROBOT)
        .where(GROUP_ROBOT.c.corp_id == act.corp_id, GROUP_ROBOT.c.robot_id == body.robot_id)
        .values(enabled=not body.disabled)
    )
    if not act.db.execute(changed).rowcount:
        raise ActRefused(f"there is no robot {body.robot_id!r}")
    return {"robot_id": body.robot_id, "disabled": body.disabled}
