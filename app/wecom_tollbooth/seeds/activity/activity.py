"""The demo corp's past, part by part."""

from collections.abc import Callable
from functools import partial

from wecom_tollbooth.db import Slices, Transaction
from wecom_tollbooth.seeds.activity import campaigns, conversations, groups, member_tags, ways
from wecom_tollbooth.seeds.activity.cast import Cast, cast_of
from wecom_tollbooth.seeds.seeding import Seeding

PARTS: tuple[Callable[[Cast], None], ...] = (
    *groups.PARTS,
    ways.add_ways,
    conversations.add_conversations,
    conversations.add_descriptions,
    conversations.add_history_of_follow_ups,
    campaigns.welcome_customers,
    campaigns.send_mass_message,
    campaigns.publish_moment,
    member_tags.tag_members,
)
"""Each is a transaction of some milliseconds; calls are answered in between."""
IDS_OF_ACTIVITY = 4_000
"""At most so many ids are drawn."""


def adding_activity(seeding: Seeding, agentid: int) -> Slices[None]:
    """Adds what the members did with their first customers; `agentid` is the app that made ways and links."""
    cast = yield seeding.writing(partial(cast_of, seeding=seeding, agentid=agentid))
    if not cast.members:
        return
    for part in PARTS:
        yield seeding.writing(partial(_write, cast, part))


def _write(cast: Cast, part: Callable[[Cast], None], tx: Transaction) -> None:
    part(cast.within(tx))
