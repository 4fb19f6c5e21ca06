"""Starting worlds: `empty` (a corp with one member) and `demo` (a chain of tea shops with customers)."""

from wecom_tollbooth.seeds.corps import SEEDS, NewCorp, make_corp
from wecom_tollbooth.seeds.customers import add_customers
from wecom_tollbooth.seeds.follow_ups import add_follow_ups

__all__ = ["SEEDS", "NewCorp", "add_customers", "add_follow_ups", "make_corp"]
