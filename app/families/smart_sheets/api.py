"""文档与智能表格: documents, and the sub-tables, views, fields, groups and records of smart sheets.

documents.py and document_rights.py hold the documents; sheets.py, views.py, fields.py, groups.py and
records.py the operations on smart sheets, and content_rights.py those on who may do what in them;
field_types.py, cells.py and dates.py what is decided without a database; record_store.py where records are
kept, filters.py how they are found; follow_up_store.py, follow_up_columns.py and follow_up_sheet.py the
follow-up records as a smart sheet.
"""

from app.families.smart_sheets import (
    content_rights,
    document_rights,
    documents,
    fields,
    follow_up_sheet,
    groups,
    records,
    sheets,
    views,
)

__all__ = [
    "content_rights",
    "document_rights",
    "documents",
    "fields",
    "follow_up_sheet",
    "groups",
    "records",
    "sheets",
    "views",
]
