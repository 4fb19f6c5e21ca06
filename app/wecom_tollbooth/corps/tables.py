"""Corps, their apps, and providers (服务商)."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import OUTLIVES_CORP, JsonText, table_of


class Corp(SQLModel, table=True):
    corp_id: str = Field(primary_key=True)
    name: str
    created_at: int = Field(sa_type=sa.BigInteger)
    has_budget: bool = False
    contact_limit: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The number of external contacts that the corp has bought; None: unlimited."""
    faulty_paths: str | None = None
    """The paths, between blanks, that have a planned fault which may fire: see faults/planning.py."""
    latency: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """How long the platform takes to answer, see gateway/steps/latency.py; None: no delay."""
    strict: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether calls are looked at for advice, see gateway/advice."""
    creator: str | None = None
    """The member who created the corp (创建者), who can't be deleted; None: nobody among the members."""
    generation: int = Field(default=0, sa_type=sa.BigInteger)
    """Another number after each restore: what a process has kept of the corp's rows is of its generation."""


class App(SQLModel, table=True):
    """An app of the corp, or one of the system's own secrets (see app_kinds.py)."""

    __table_args__ = (sa.Index("app_by_provider", "provider_id", "corp_id"),)
    corp_id: str = Field(primary_key=True)
    agentid: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str
    kind: str
    secret: str
    enabled: bool = True
    closed_unused: bool = False
    """The platform took away its rights because nobody used it; an admin has to enable it again (48006)."""
    visible: dict[str, list[Any]] | None = Field(default=None, sa_type=JsonText)
    """{"userid": [...], "partyid": [...]}; None: the whole directory."""
    contactable: dict[str, list[Any]] | None = Field(default=None, sa_type=JsonText)
    """客户可建联成员 of a 营销获客 app, in the same form, in addition to `visible`; None: no others."""
    trusted_ips: list[str] = Field(default_factory=list, sa_type=JsonText)
    trusted_domains: list[str] = Field(default_factory=list, sa_type=JsonText)
    """可信域名: hosts, with their ports if any, of pages that may log members in; empty: any."""
    customer_limit: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """Whose customers a provider's app gets, see families.customers.customer_limits.py; None: all."""
    directory_details: bool = False
    """Whether the admin lets a provider-developed app see names, positions, telephones and leaders."""
    keeps_documents: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it keeps documents of the data zone (智能专区文档存档), which brings user_doc_ticket."""
    callback_url: str = ""
    callback_token: str = ""
    encoding_aes_key: str = ""
    created_at: int = Field(sa_type=sa.BigInteger)
    provider_id: str | None = None
    """The provider whose app it is; None: the corp's own app."""


class Provider(SQLModel, table=True):
    """A corp that is also a provider (服务商), and its one suite (第三方应用)."""

    __table_args__ = (sa.Index("provider_by_suite", "suite_id"),)
    corp_id: str = Field(primary_key=True)
    provider_secret: str
    suite_id: str
    suite_secret: str
    created_at: int = Field(sa_type=sa.BigInteger)


class CorpSeed(SQLModel, table=True):
    """What the corp was made with (number 0), and what seeds were added to it: see seeds/resetting.py."""

    __tablename__ = "corp_seed"
    corp_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    wanted: dict[str, Any] = Field(sa_type=JsonText)
    ids_before: int = Field(sa_type=sa.BigInteger)
    """Its ids are those after this one,"""
    ids_last: int = Field(sa_type=sa.BigInteger)
    """up to this one."""
    at: int = Field(sa_type=sa.BigInteger)


class UnfinishedCorp(SQLModel, table=True):
    """A corp that is being made, deleted or restored, without a row of Corp; see unfinished.py."""

    __tablename__ = "unfinished_corp"
    __table_args__ = {"info": {OUTLIVES_CORP: True}}
    corp_id: str = Field(primary_key=True)
    state: str
    signed_at: int = Field(sa_type=sa.BigInteger)
    """When its maker was last at work, unix seconds of PostgreSQL's clock."""
    work: dict[str, Any] | None = Field(default=None, sa_type=JsonText)
    """What a restore needs to go on; see snapshots/restoring.py."""


CORP = table_of(Corp)
APP = table_of(App)
PROVIDER = table_of(Provider)
CORP_SEED = table_of(CorpSeed)
UNFINISHED_CORP = table_of(UnfinishedCorp)
