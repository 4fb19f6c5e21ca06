"""Codes of documents, smart sheets and their webhooks."""

from wecom_tollbooth.gateway.errcodes.code import Code


class DocumentCodes:
    """Part of ErrCode."""

    INVALID_DOCID = Code(301085, "invalid docid")  # own
    INVALID_WEBHOOK_KEY = Code(840001, "invalid webhook key")  # own
    WEBHOOK_IP_NOT_ALLOWED = Code(840002, "not allow to access webhook from your ip")  # own
    DOCUMENT_TYPE_MISMATCH = Code(851002, "document type mismatch")  # own
    NO_AUTHORITY_OVER_DOCUMENT = Code(851003, "no authority over the document")  # own
    PRIMARY_FIELD_IS_FIXED = Code(2000055, "primary field cannot be deleted")  # own
    CONCURRENT_WRITE = Code(2010003, "concurrent write")  # own
    SHEET_RECORD_NOT_FOUND = Code(2022003, "record not found")  # own
    FIELD_NOT_FOUND = Code(2022004, "field not found")  # own
    VIEW_NOT_FOUND = Code(2022005, "view not found")  # own
    INVALID_VIEW_TYPE = Code(2022009, "invalid view type")  # own
    INVALID_FIELD_TYPE = Code(2022010, "invalid field type")  # own
    OFFSET_ABOVE_TOTAL = Code(2022023, "offset above total")  # own
    SHEET_CAP_REACHED = Code(2022029, "row, column or size out of limit")  # own
    TITLE_DUPLICATE_OR_EMPTY = Code(2022030, "title duplicate or empty")  # own
    INVALID_VIEW_PROPERTY = Code(2022032, "invalid view property")  # own
    INVALID_FILTER = Code(2022033, "invalid filter")  # own
    INVALID_SHEET_DATE = Code(2022034, "invalid date")  # own
    INVALID_REFERENCE = Code(2022035, "invalid reference")  # own
    INVALID_LOCATION = Code(2022037, "invalid location")  # own
    INVALID_FIELD_PROPERTY = Code(2022040, "invalid field property")  # own
    NO_EDIT_RIGHT = Code(2022048, "no right to edit")  # own
    WEBHOOK_FIELD_NOT_FOUND = Code(2023001, "webhook field not found")  # own
    INVALID_WEBHOOK_OPTION = Code(2023010, "invalid webhook option")  # own
    INVALID_WEBHOOK_RECORD = Code(2023012, "invalid webhook record")  # own
    WEBHOOK_BODY_TOO_LARGE = Code(2023030, "webhook request body too large")  # own
    WEBHOOK_DATA_TOO_LARGE = Code(2023031, "webhook edit data too large")  # own
    WEBHOOK_ROWS_OUT_OF_LIMIT = Code(2023032, "webhook rows per minute out of limit")  # own
    INVALID_WEBHOOK_IMAGE = Code(2023033, "invalid webhook image")  # own
    TOO_MANY_SHEETS = Code(2505401, "sub-table count out of limit")  # own
    SHEET_NOT_FOUND = Code(2543303, "sub-table not found")  # own
