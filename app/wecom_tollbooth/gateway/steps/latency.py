"""Latency profiles: how long the platform takes to answer, if a corp simulates that.

WeCom publishes no figures. `article-2025` follows what users of the follow-up feature report: noticeable
delays above about 400 customers. Its threshold, slope and jitter are assumptions, which settings can change.
"""

import random
from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.billing.levels import level_now
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.settings import Settings

NONE, ARTICLE = "none", "article-2025"
PROFILES = (NONE, ARTICLE)

FOLLOW_UPS = "follow_ups"
"""The family that a profile delays by default; its operations may be named by the last word of their path."""

Scope = Literal["follow_ups", "all"]

RECORDS: dict[str, Callable[[Transaction, str], int]] = {}
"""What counts as the records of a corp, by family; for other families it is the corp's external contacts."""


class Profile(BaseModel):
    """A reply is delayed by `base_ms`, and by `ms_per_100` for each 100 records above `threshold`."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope = Field(default="follow_ups", description="the operations that wait")
    threshold: int = Field(default=0, ge=0, description="number of records without additional delay")
    base_ms: float = Field(default=0.0, ge=0, le=60_000, description="milliseconds for every call")
    ms_per_100: float = Field(
        default=0.0, ge=0, le=60_000, description="milliseconds for each 100 records above the threshold"
    )
    most_ms: float = Field(default=5_000.0, ge=0, le=60_000, description="longest delay")
    jitter: float = Field(
        default=0.0, ge=0, le=1, description="share by which a delay varies in both directions"
    )
    operations: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(
        default={},
        description="factors by name, such as externalcontact/get, or by the last word of a follow-up path",
    )


def article(settings: Settings) -> Profile:
    """The profile article-2025 with the values of the settings."""
    return Profile(
        threshold=settings.latency_threshold,
        ms_per_100=settings.latency_ms_per_100,
        jitter=settings.latency_jitter,
        operations={"board": 2.0},
    )


def profile_of(tx: Transaction, corp_id: str) -> Profile | None:
    """The corp's profile; None for no delay, the default."""
    stored = tx.execute(sa.select(CORP.c.latency).where(CORP.c.corp_id == corp_id)).scalar()
    return None if stored is None else Profile.model_validate(stored)


def set_profile(tx: Transaction, corp_id: str, profile: Profile | None) -> None:
    """Stores the corp's profile; None removes it."""
    values: dict[str, Any] | None = None if profile is None else profile.model_dump()
    tx.execute(sa.update(CORP).where(CORP.c.corp_id == corp_id).values(latency=values))


def delay_reply(call: Call) -> None:
    """Delays the reply as the corp's profile says, after the commit; other calls don't wait."""
    if call.latency_json is None:
        return
    profile = Profile.model_validate(orjson.loads(call.latency_json))
    operation = call.operation
    is_follow_up = operation.family.name == FOLLOW_UPS
    if profile.scope == FOLLOW_UPS and not is_follow_up:
        return
    records = 0
    if profile.ms_per_100:
        count = RECORDS.get(operation.family.name)
        records = count(call.db, call.corp_id) if count else level_now(call.db, call.corp_id, CONTACTS)
    name = operation.name
    if is_follow_up and name not in profile.operations:
        name = name.rsplit("/", 1)[-1]
    rng = random.Random(f"{call.settings.seed}/latency/{call.usage_id}")
    call.wait_seconds += wait(profile, records, name, rng) / 1_000


def wait(profile: Profile, records: int, name: str, rng: random.Random) -> float:
    """The delay of a reply in milliseconds, for a corp with this number of records."""
    above = max(0, records - profile.threshold)
    milliseconds = profile.base_ms + profile.ms_per_100 * above / 100
    milliseconds *= profile.operations.get(name, 1.0)
    milliseconds *= 1 + profile.jitter * (2 * rng.random() - 1)
    return min(milliseconds, profile.most_ms)
