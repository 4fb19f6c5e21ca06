"""What apps show of themselves."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class AppProfile(SQLModel, table=True):
    """What agent/set and menu/create wrote; an app without a row has written nothing."""

    __tablename__ = "app_profile"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    description: str = ""
    logo_mediaid: str = ""
    home_url: str = ""
    report_location_flag: int = 1
    isreportenter: int = 1
    """0: the app doesn't want LOCATION, or enter_agent."""
    menu: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonText)


class WorkbenchTemplate(SQLModel, table=True):
    """How an app is displayed on the workbench; one without a row was never opened by an admin."""

    __tablename__ = "workbench_template"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    is_open: bool = False
    type: str = "normal"
    data: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    replace_user_data: bool = False


class WorkbenchData(SQLModel, table=True):
    """What one member sees of an app on the workbench, of the type of the template."""

    __tablename__ = "workbench_data"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str = Field(primary_key=True)
    type: str
    data: dict[str, Any] = Field(sa_type=JsonText)


class AppAdmin(SQLModel, table=True):
    """An admin of a provider's app: 1 manages it, 0 only sends messages."""

    __tablename__ = "app_admin"
    __table_args__ = {"sqlite_with_rowid": False}
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    userid: str = Field(primary_key=True)
    auth_type: int


APP_PROFILE = table_of(AppProfile)
APP_ADMIN = table_of(AppAdmin)
WORKBENCH_TEMPLATE = table_of(WorkbenchTemplate)
WORKBENCH_DATA = table_of(WorkbenchData)
