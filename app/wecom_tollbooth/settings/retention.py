"""How many callbacks, attempts, act records, calls and messages of a corp are kept, and for how long."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import both


def _kept(default: int, chinese: str, english: str) -> Any:
    return Field(
        default=default,
        ge=1,
        le=1_000_000_000,
        description=both(
            f"每企业保留的{chinese}，最旧的先删", f"{english} kept per corp; the oldest go first"
        ),
    )


def _days(chinese: str, english: str) -> Any:
    return Field(
        default=400,
        ge=1,
        le=36_500,
        description=both(
            f"{chinese}保留的天数，按模拟器时钟",
            f"days for which {english} are kept, by the simulator's clock",
        ),
    )


class RetentionSettings(BaseSettings):
    callbacks_kept: int = _kept(100_000, "回调数（待发的不删）", "callbacks (waiting ones always are)")
    callbacks_kept_days: int = _days("回调（待发的不删）", "callbacks (but waiting ones)")
    attempts_kept: int = _kept(200_000, "投递记录数", "attempts to deliver callbacks")
    attempts_kept_days: int = _days("投递记录", "attempts to deliver callbacks")
    act_records_kept: int = _kept(1_000_000, "业务动作记录数", "act records")
    act_records_kept_days: int = _days("业务动作记录", "act records")
    journal_kept_days: int = _days("调用日志", "calls of the journal")
    messages_kept_days: int = _days(
        "手机上的内容、应用消息、群发和朋友圈",
        "what phones show, messages of apps, mass messages and moments",
    )
