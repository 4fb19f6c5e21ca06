"""统计管理: members.py counts activity of members with customers, groups.py activity in customer groups."""
