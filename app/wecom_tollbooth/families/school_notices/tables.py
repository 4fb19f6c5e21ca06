"""What a school has set about 学校通知."""

from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class SchoolNotice(SQLModel, table=True):
    """The one row of a school that has set the mode; before that the mode is 1."""

    __tablename__ = "school_notice"
    corp_id: str = Field(primary_key=True)
    subscribe_mode: int
    """1: parents may join by scanning and filling in; 2: they may not."""


class SchoolParent(SQLModel, table=True):
    """A parent who follows the notices: mobile number and external contact, each once in a school."""

    __tablename__ = "school_parent"
    corp_id: str = Field(primary_key=True)
    mobile: str = Field(primary_key=True)
    external_userid: str
    foreign_key: str = ""
    """What the school itself calls the parent, where it has said so."""


SCHOOL_NOTICE = table_of(SchoolNotice)
SCHOOL_PARENT = table_of(SchoolParent)
