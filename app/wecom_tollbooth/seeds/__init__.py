"""Starting worlds: `empty` (a corp with one member) and `demo` (a chain of tea shops with customers)."""

from wecom_tollbooth.seeds.additions import add_customers, add_follow_ups, adding
from wecom_tollbooth.seeds.corps import SEEDS, NewCorp, make_corp, making
from wecom_tollbooth.seeds.seeding import CorpGone

__all__ = [
    "SEEDS",
    "CorpGone",
    "NewCorp",
    "add_customers",
    "add_follow_ups",
    "adding",
    "make_corp",
    "making",
]
