"""统计管理: members.py counts what members did with customers, groups.py activity in customer groups."""
