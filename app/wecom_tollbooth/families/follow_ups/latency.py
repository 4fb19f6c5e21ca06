"""Latency profiles: how long the platform takes to answer follow-up operations, if a corp simulates that.

WeCom publishes no figures. `article-2025` follows what users of the feature report: noticeable delays above
about 400 customers. Its threshold, slope and jitter are assumptions, which settings can change.
"""

import random
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.follow_ups.tables import (
    CORP,
    FOLLOW_UP_COUNT,
    LATENCY_PROFILE,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.settings import Settings

NONE, ARTICLE = "none", "article-2025"
PROFILES = (NONE, ARTICLE)

_READ = CompiledStatement(
    sa.select(sa.type_coerce(LATENCY_PROFILE.c.profile, sa.Text)).where(
        LATENCY_PROFILE.c.corp_id == bindparam("corp_id")
    )
)
_RECORDS = CompiledStatement(
    sa.select(sa.func.coalesce(sa.func.sum(FOLLOW_UP_COUNT.c.cards), 0)).where(
        FOLLOW_UP_COUNT.c.corp_id == bindparam("corp_id"), FOLLOW_UP_COUNT.c.userid == CORP
    )
)


class Profile(BaseModel):
    """A reply is delayed by `base_ms`, and by `ms_per_100` for each 100 records above `threshold`."""

    model_config = ConfigDict(extra="forbid")

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
        default={}, description='factors by the last word of the path, such as {"board": 2}'
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
    row = _READ.one(tx, corp_id=corp_id)
    return Profile.model_validate(orjson.loads(row[0])) if row else None


def set_profile(tx: Transaction, corp_id: str, profile: Profile | None) -> None:
    """Stores the corp's profile; None removes it."""
    tx.execute(sa.delete(LATENCY_PROFILE).where(LATENCY_PROFILE.c.corp_id == corp_id))
    if profile is not None:
        values: dict[str, Any] = profile.model_dump()
        tx.execute(sa.insert(LATENCY_PROFILE).values(corp_id=corp_id, profile=values))


def apply_latency(call: Call) -> None:
    """Delays the reply to this call as the corp's profile says, after the commit; other calls don't wait."""
    profile = profile_of(call.db, call.corp_id)
    if profile is None:
        return
    found = _RECORDS.one(call.db, corp_id=call.corp_id)
    word = call.operation.path.rsplit("/", 1)[-1]
    rng = random.Random(f"{call.settings.seed}/latency/{call.usage_id}")
    call.wait_seconds = wait(profile, int(found[0]) if found else 0, word, rng) / 1_000


def wait(profile: Profile, records: int, word: str, rng: random.Random) -> float:
    """The delay of a reply in milliseconds, for a corp with this number of records."""
    above = max(0, records - profile.threshold)
    milliseconds = profile.base_ms + profile.ms_per_100 * above / 100
    milliseconds *= profile.operations.get(word, 1.0)
    milliseconds *= 1 + profile.jitter * (2 * rng.random() - 1)
    return min(milliseconds, profile.most_ms)
