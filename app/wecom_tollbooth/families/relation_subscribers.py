"""Every family that acts when a relation of a member and a customer begins, ends or changes hands.

The order is the order of the calls, and so of the ids that are drawn and of the events that are raised.
"""

from wecom_tollbooth.families.acquisition_links.chats import ACQUISITION_CHATS
from wecom_tollbooth.families.contact_ways.sessions import TEMPORARY_SESSIONS
from wecom_tollbooth.families.follow_ups.relations import FOLLOW_UPS
from wecom_tollbooth.families.group_chats.membership import CUSTOMER_GROUPS
from wecom_tollbooth.families.relations.subscribers import declare_subscribers
from wecom_tollbooth.families.security_logs.acts import ADDED_CUSTOMERS
from wecom_tollbooth.families.tag_library.marks import CORP_TAGS
from wecom_tollbooth.families.welcome_messages.greetings import WELCOMES

SUBSCRIBERS = (
    CUSTOMER_GROUPS,
    CORP_TAGS,
    TEMPORARY_SESSIONS,
    ACQUISITION_CHATS,
    FOLLOW_UPS,
    WELCOMES,
    ADDED_CUSTOMERS,
)

declare_subscribers(*SUBSCRIBERS)
