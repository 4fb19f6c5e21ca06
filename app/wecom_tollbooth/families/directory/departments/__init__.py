"""部门管理: departments read, created, changed and deleted."""
