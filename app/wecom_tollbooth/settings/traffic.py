"""What passes through the server: tokens, rate limits, callbacks, bodies, the journal."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import Switch, both


def _expired_errcode(value: object) -> object:
    """The number of a text, which is all that an environment holds: a choice of numbers doesn't read it."""
    return {"42001": 42001, "40014": 40014}.get(str(value), value)


class TrafficSettings(BaseSettings):
    token_expires_in: int = Field(
        default=7200,
        ge=1,
        description=both("access_token 有效期（秒）", "lifetime of an access_token, seconds"),
    )
    expired_token_errcode: Annotated[Literal[42001, 40014], BeforeValidator(_expired_errcode)] = Field(
        default=42001, description=both("凭证过期时返回的错误码", "errcode for an expired token")
    )
    trusted_ips: Switch = Field(
        default=False,
        description=both(
            "on：没有设置可信 IP 的应用不接受任何调用，返回 60020",
            "on: an app without trusted addresses accepts no calls at all: 60020",
        ),
    )

    rate_limits: Switch = Field(
        default=True, description=both("off：不限频率和并发", "off: no limit of rate or concurrency")
    )
    limit_per_corp_minute: int = Field(
        default=10_000,
        ge=1,
        description=both("每企业每分钟调用同一接口的次数", "calls of one operation per corp and minute"),
    )
    limit_per_corp_hour: int = Field(
        default=150_000,
        ge=1,
        description=both("每企业每小时调用同一接口的次数", "calls of one operation per corp and hour"),
    )
    limit_per_ip_minute: int = Field(
        default=20_000,
        ge=1,
        description=both("每 IP 每分钟调用同一接口的次数", "calls of one operation per address and minute"),
    )
    limit_per_ip_hour: int = Field(
        default=600_000,
        ge=1,
        description=both("每 IP 每小时调用同一接口的次数", "calls of one operation per address and hour"),
    )
    limit_wrong_secret_hour: int = Field(
        default=2_000,
        ge=1,
        description=both(
            "每 IP 每小时 secret 错误的次数，超过则封禁一小时",
            "wrong secrets per address and hour; more block the address for an hour",
        ),
    )
    limit_unionid_hour: int = Field(
        default=100_000,
        ge=1,
        description=both(
            "每企业或服务商每小时转换 unionid 的次数",
            "unionid_to_external_userid per corp or provider and hour",
        ),
    )
    limit_unionid_day: int = Field(
        default=480_000,
        ge=1,
        description=both(
            "每企业或服务商每天转换 unionid 的次数", "unionid_to_external_userid per corp or provider and day"
        ),
    )
    limit_unionid_month: int = Field(
        default=7_500_000,
        ge=1,
        description=both(
            "每企业或服务商每自然月转换 unionid 的次数",
            "unionid_to_external_userid per corp or provider and calendar month",
        ),
    )
    limit_unionid_3rd_hour: int = Field(
        default=50_000,
        ge=1,
        description=both(
            "每服务商每小时转换第三方 unionid 的次数", "unionid_to_external_userid_3rd per provider and hour"
        ),
    )
    limit_unionid_3rd_day: int = Field(
        default=240_000,
        ge=1,
        description=both(
            "每服务商每天转换第三方 unionid 的次数", "unionid_to_external_userid_3rd per provider and day"
        ),
    )
    limit_images_day: int = Field(
        default=1_000,
        ge=1,
        description=both(
            "每企业每天用 uploadimg 上传的图片数，超过返回 45009",
            "images of uploadimg per corp and day; more answer 45009",
        ),
    )
    limit_images_month: int = Field(
        default=3_000,
        ge=1,
        description=both(
            "每企业每自然月用 uploadimg 上传的图片数，超过返回 45009",
            "images of uploadimg per corp and calendar month; more answer 45009",
        ),
    )
    limit_webhook_sheet_minute: int = Field(
        default=3_000,
        ge=1,
        description=both(
            "每分钟经 webhook 写入一个子表的行数", "rows that webhooks may write to a sub-table per minute"
        ),
    )
    limit_webhook_document_minute: int = Field(
        default=10_000,
        ge=1,
        description=both(
            "每分钟经 webhook 写入一个智能表格的行数",
            "rows that webhooks may write to a smart sheet per minute",
        ),
    )
    limit_sheet_groups_hour: int = Field(
        default=1_000,
        ge=1,
        description=both(
            "每企业每小时修改智能表格群聊的次数", "changes to group chats of smart sheets per corp and hour"
        ),
    )
    limit_app_chats_day: int = Field(
        default=1_000,
        ge=1,
        description=both("每企业每天创建应用群聊的数量", "group chats that apps create per corp and day"),
    )
    limit_app_chat_changes_hour: int = Field(
        default=1_000,
        ge=1,
        description=both("每企业每小时修改应用群聊的次数", "changes to apps' group chats per corp and hour"),
    )
    limit_app_message_day: int = Field(
        default=200,
        ge=1,
        description=both(
            "每个应用每天可发消息的人次，为账号上限数（TOLLBOOTH_MEMBER_CAP）的多少倍，超过返回 45009",
            "persons that the messages of an app may reach in a day, as a multiple of TOLLBOOTH_MEMBER_CAP; "
            "more answer 45009",
        ),
    )
    limit_app_message_member_minute: int = Field(
        default=30,
        ge=1,
        description=both(
            "每个应用每分钟发给同一成员的消息数，超过的不下发",
            "messages of an app to one member per minute; others are dropped",
        ),
    )
    limit_app_message_member_hour: int = Field(
        default=1_000,
        ge=1,
        description=both(
            "每个应用每小时发给同一成员的消息数，超过的不下发",
            "messages of an app to one member per hour; others are dropped",
        ),
    )
    limit_app_chat_minute: int = Field(
        default=20_000,
        ge=1,
        description=both(
            "每企业每分钟向应用群聊发消息的人次", "persons that apps reach in group chats per corp and minute"
        ),
    )
    limit_app_chat_hour: int = Field(
        default=150_000,
        ge=1,
        description=both(
            "每企业每小时向应用群聊发消息的人次", "persons that apps reach in group chats per corp and hour"
        ),
    )
    limit_app_chat_member_minute: int = Field(
        default=200,
        ge=1,
        description=both(
            "每个成员每分钟在群聊中收到同一应用的消息数",
            "messages of one app that a member gets in group chats per minute",
        ),
    )
    limit_app_chat_member_day: int = Field(
        default=10_000,
        ge=1,
        description=both(
            "每个成员每天在群聊中收到同一应用的消息数",
            "messages of one app that a member gets in group chats per day",
        ),
    )
    limit_robot_minute: int = Field(
        default=20,
        ge=1,
        description=both("每个群机器人每分钟发送的消息数", "messages of a group robot per minute"),
    )
    limit_concurrency: int = Field(
        default=5,
        ge=1,
        description=both("每企业同一接口的并发调用数", "concurrent calls of one operation per corp"),
    )

    callback_timeout_seconds: float = Field(
        default=5,
        gt=0,
        le=60,
        description=both(
            "回调地址须在多少秒内应答完毕，从连接到正文",
            "seconds for a callback endpoint's whole answer, from connecting to the end of the body",
        ),
    )
    callback_retries: int = Field(
        default=3,
        ge=0,
        le=20,
        description=both("首次失败后的重试次数", "retries after the first attempt failed"),
    )
    callback_retry_seconds: int = Field(
        default=5,
        ge=0,
        le=3600,
        description=both(
            "失败到重试的间隔，模拟时钟的秒数",
            "from a failed attempt to the next, seconds of the simulator's clock",
        ),
    )
    callback_retry_statuses: Switch = Field(
        default=True,
        description=both(
            "off：只重试连接失败和超时", "off: only failed connections and timeouts are retried"
        ),
    )

    callback_pause_after_failures: int = Field(
        default=20,
        ge=0,
        le=10_000,
        description=both(
            "回调地址连续失败多少次后暂停投递，0 为不暂停",
            "failed attempts in a row after which an endpoint is paused; 0: never",
        ),
    )
    callback_pause_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description=both(
            "暂停投递的时长，模拟时钟的秒数",
            "how long an endpoint is paused, seconds of the simulator's clock",
        ),
    )
    allowed_addresses: str = Field(
        default="loopback,private,public",
        description=both(
            "可以访问的外部地址：loopback、private、public 或网段，逗号分隔",
            "where callbacks and downloads may go: loopback, private, public or networks, commas between",
        ),
    )

    unsimulated: Literal["errcode", "404"] = Field(
        default="errcode",
        description=both(
            "调用有文档但未模拟的接口：errcode 返回 990404，404 返回空内容的 HTTP 404",
            "a documented operation that is not simulated: errcode answers 990404, 404 an empty HTTP 404",
        ),
    )
    unknown_media: Literal["refuse", "accept"] = Field(
        default="refuse",
        description=both(
            "media_id 或图片地址未上传、已过期或类型不符：refuse 返回 40007，accept 只检查格式",
            "a media_id or image address that was not uploaded, is expired or of a wrong type: refuse "
            "answers 40007, accept checks only its form",
        ),
    )
    journal_capacity: int = Field(
        default=1_000,
        ge=10,
        le=1_000_000,
        description=both("每企业保留的调用日志条数", "calls that the journal keeps per corp"),
    )
    max_body_bytes: int = Field(
        default=2 * 1024 * 1024,
        ge=1024,
        description=both(
            "请求体上限（字节），超过返回 40206", "largest request body, bytes; larger ones answer 40206"
        ),
    )
