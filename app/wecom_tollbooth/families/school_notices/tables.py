"""学校通知: a school's mode, and the parents who subscribed."""

from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class SchoolNotice(SQLModel, table=True):
    """A school's mode. Without a row the mode is 1."""

    __tablename__ = "school_notice"
    corp_id: str = Field(primary_key=True)
    subscribe_mode: int
    """1: parents may subscribe by scanning the code and filling in a form; 2: they may not."""


class SchoolParent(SQLModel, table=True):
    """A parent who subscribed: mobile number and external contact, each unique in a school."""

    __tablename__ = "school_parent"
    corp_id: str = Field(primary_key=True)
    mobile: str = Field(primary_key=True)
    external_userid: str
    foreign_key: str = ""
    """The school's own id of the parent; empty if it gave none."""


SCHOOL_NOTICE = table_of(SchoolNotice)
SCHOOL_PARENT = table_of(SchoolParent)
