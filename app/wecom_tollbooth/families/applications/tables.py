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


APP_PROFILE = table_of(AppProfile)
