"""Sending a message of a robot (page 99110, 2026-02)."""

from wecom_tollbooth.families.app_chats.membership import find_chat, present
from wecom_tollbooth.families.group_robots.content import content_of
from wecom_tollbooth.families.group_robots.family import family
from wecom_tollbooth.families.group_robots.robots import the_robot
from wecom_tollbooth.families.group_robots.shapes import SendRequest
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.windows.counting import refuse_over
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.operation import BodyLimit
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done
from wecom_tollbooth.world.clock import MINUTE

BODY_AT_MOST = BodyLimit(4 * 1024 * 1024, ErrCode.ROBOT_IMAGE_TOO_LARGE)
"""Room for the base64 of the largest image."""


@family.post(
    "/cgi-bin/webhook/send",
    doc="99110",
    checked="2026-02",
    meter="message.write",
    permission=Permission.GROUP_ROBOT,
    token="key",
    body_limit=BODY_AT_MOST,
    errors=(
        ErrCode.INVALID_MEDIA_TYPE,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.INVALID_MESSAGE_TYPE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.MISSING_MEDIA_ID,
        ErrCode.MISSING_URL,
        ErrCode.MISSING_TITLE,
        ErrCode.CARD_MISSING_KEYNAME,
        ErrCode.CARD_MISSING_URL,
        ErrCode.CARD_MISSING_MEDIA_ID,
        ErrCode.CARD_MISSING_APPID,
        ErrCode.INVALID_CARD_TYPE,
        ErrCode.CARD_MISSING_TITLE,
        ErrCode.CARD_HORIZONTAL_LIST,
        ErrCode.CARD_VERTICAL_LIST,
        ErrCode.CARD_JUMP_LIST,
        ErrCode.CARD_IMAGE_URL,
        ErrCode.CARD_ACTION,
        ErrCode.CARD_USERID,
        ErrCode.EMPTY_CONTENT,
        ErrCode.TOO_MANY_ARTICLES,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.INVALID_ROBOT_KEY,
        ErrCode.ROBOT_DISABLED,
        ErrCode.ROBOT_MESSAGE_EMPTY,
        ErrCode.ROBOT_IMAGE_TOO_LARGE,
        ErrCode.MD5_MISMATCH,
    ),
    sample={
        "msgtype": "text",
        "text": {
            "content": "广州今日天气：29度，大部分多云，降雨概率：60%",
            "mentioned_list": ["wangqing", "@all"],
            "mentioned_mobile_list": ["13800001111", "@all"],
        },
    },
)
def send(call: Call, body: SendRequest) -> Done:
    """消息推送（群机器人）发送消息 / Send a message by a group robot

    Shows the message on the phones of the group's members. There is no token: the key alone allows
    to write. The setting limit_robot_minute limits the messages of a robot per minute. The act
    member_adds_group_robot makes a robot.
    """
    robot = the_robot(call)
    chat = find_chat(call, robot.chat_id)
    members = present(call, chat.members, chat.owner)[0]
    content = content_of(call, body, members)
    refuse_over(call, f"robot {robot.robot_id}", MINUTE, call.settings.limit_robot_minute)
    message = {"chat_id": robot.chat_id, "robot": robot.name, **content}
    show(call, write_message(call, "robot_message", robot.robot_id, message), members)
    return {}
