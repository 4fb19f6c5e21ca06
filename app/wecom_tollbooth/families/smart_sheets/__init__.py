"""智能表格: sub-tables, views, fields, records, permissions and webhooks, and the group chats they create.

The modules of this folder hold operations and acts; engine/ decides what cells, filters and properties mean,
and stores records.
"""
