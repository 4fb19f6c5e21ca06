"""Starting worlds: those with a name, and those that a seed file describes."""

from wecom_tollbooth.seeds.additions import add_customers, add_follow_ups, adding
from wecom_tollbooth.seeds.corps import NewCorp, make_corp, making
from wecom_tollbooth.seeds.named import SeedName, named_corp
from wecom_tollbooth.seeds.seeding import CorpGone

__all__ = [
    "CorpGone",
    "NewCorp",
    "SeedName",
    "add_customers",
    "add_follow_ups",
    "adding",
    "make_corp",
    "making",
    "named_corp",
]
