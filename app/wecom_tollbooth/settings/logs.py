"""What the server says about itself."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import Switch, both


class LogSettings(BaseSettings):
    log_format: Literal["text", "json"] = Field(
        default="text",
        description=both(
            "日志格式：text 便于阅读，json 每行一个 JSON 对象",
            "form of the log: text to read, json for one JSON object a line",
        ),
    )
    log_calls: Switch = Field(
        default=False,
        description=both(
            "on：每次调用在 stdout 输出一行；在终端里运行 tollbooth demo 时默认开启",
            "on: a line on stdout for each call; `tollbooth demo` does so by itself on a terminal",
        ),
    )
