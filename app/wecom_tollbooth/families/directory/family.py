"""The family, apart from its operations, which are in several modules."""

from typing_extensions import TypedDict

from wecom_tollbooth.gateway.operation import Family

family = Family("directory", "通讯录", "Directory")


class ErrmsgReply(TypedDict):
    """A reply that has only its own errmsg, such as "updated"."""

    errmsg: str
