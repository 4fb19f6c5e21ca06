"""Starting worlds: `empty` (a corp with one member) and `demo` (a chain of tea shops with customers)."""

from app.seeds.corps import SEEDS, NewCorp, delete_corp, make_corp
from app.seeds.customers import add_customers
from app.seeds.follow_ups import add_follow_ups

__all__ = ["SEEDS", "NewCorp", "add_customers", "add_follow_ups", "delete_corp", "make_corp"]
