"""Which mini-programs are associated with a corp."""

from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of


class MiniProgram(SQLModel, table=True):
    """A mini-program that an admin has associated with the corp. A corp without any accepts every appid."""

    __tablename__ = "mini_program"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    appid: str = Field(primary_key=True)


MINI_PROGRAM = table_of(MiniProgram)
