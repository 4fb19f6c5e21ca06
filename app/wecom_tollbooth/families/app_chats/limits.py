"""How much apps may send into groups: persons a minute and an hour, messages to one member (page 90248)."""

from collections.abc import Sequence

from wecom_tollbooth.families.phones.counts import who_got
from wecom_tollbooth.families.windows.counting import counted, refuse_over, start_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world.clock import DAY, HOUR, MINUTE


def refuse_over_persons(call: Call, persons: int) -> None:
    """Counts the persons that a message reaches; raises 45009 over the corp's limits."""
    settings = call.settings
    refuse_over(call, "persons in app chats a minute", MINUTE, settings.limit_app_chat_minute, persons)
    refuse_over(call, "persons in app chats an hour", HOUR, settings.limit_app_chat_hour, persons)


def within_limits(call: Call, userids: Sequence[str]) -> list[str]:
    """Those who still get messages of the app this minute and today; the others miss it silently."""
    left = list(userids)
    if not call.settings.rate_limits:
        return left
    for span, most in (
        (MINUTE, call.settings.limit_app_chat_member_minute),
        (DAY, call.settings.limit_app_chat_member_day),
    ):
        # Nobody can have had `most` messages before the app sent as many.
        if counted(call, f"messages of app {call.agentid} in {span} s", span) > most:
            since = start_of(call.now, span)
            full = who_got(call, "chat_message", str(call.agentid), left, since=since, at_least=most)
            left = [userid for userid in left if userid not in full]
    return left
