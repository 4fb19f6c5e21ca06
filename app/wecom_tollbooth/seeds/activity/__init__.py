"""What the people of the demo corp have done so far: groups, ways, links, conversations, campaigns.

It is little, whatever the size of the corp, and is written in one transaction after the customers.
"""

from wecom_tollbooth.seeds.activity.activity import IDS_OF_ACTIVITY, adding_activity

__all__ = ["IDS_OF_ACTIVITY", "adding_activity"]
