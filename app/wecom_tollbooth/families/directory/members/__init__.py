"""成员管理: members read, created, changed and deleted."""
