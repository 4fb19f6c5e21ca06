"""标签管理: tags of members and departments, which messages can be sent to."""
