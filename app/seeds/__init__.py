"""Starting worlds: `empty` (a corp with one member) and `demo` (a chain of tea shops with customers)."""

from app.seeds.corps import SEEDS, NewCorp, delete_corp, make_corp
from app.seeds.customers import add_customers

__all__ = ["SEEDS", "NewCorp", "add_customers", "delete_corp", "make_corp"]
