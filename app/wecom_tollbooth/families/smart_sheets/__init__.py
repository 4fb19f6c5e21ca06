"""文档与智能表格: documents; what is in smart sheets: sub-tables, views, fields, records; their group chats.

documents.py and document_rights.py hold the documents; sheets.py, views.py, fields.py, groups.py and
records.py the operations on smart sheets, content_rights.py those on who may do what in them, webhook.py the
one that takes rows in without a token, and group_chats.py those on the group chats that smart sheets make;
field_types.py, field_properties.py, view_settings.py, sheet_privs.py, cells.py, webhook_cells.py and dates.py
what is decided without a database; record_store.py where records are kept, filters.py how they are found;
follow_up_store.py, follow_up_columns.py and follow_up_sheet.py the follow-up records as a smart sheet.
"""
