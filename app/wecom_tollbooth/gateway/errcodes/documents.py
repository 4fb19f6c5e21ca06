"""Codes of documents, smart sheets and their webhooks."""

from wecom_tollbooth.gateway.errcodes.code import Code


class DocumentCodes:
    """Part of ErrCode."""

    INVALID_DOCID = Code(301085, "invalid docid")  # own
    RULE_NAME_TAKEN = Code(640061, "content rule name duplicate or reserved")  # own
    RULE_NAME_TOO_LONG = Code(640062, "content rule name too long")  # own
    TOO_MANY_RULES = Code(640063, "too many content rules")  # own
    RULE_NOT_FOUND = Code(640065, "content rule not found")  # own
    TOO_MANY_RULE_MEMBERS = Code(640069, "too many members of content rule")  # own
    ALL_RECORDS_WITH_CONDITIONS = Code(640070, "record conditions not allowed for all records")  # own
    INVALID_CONDITION_COUNT = Code(640071, "invalid count of record conditions")  # own
    CONDITION_FIELD_EMPTY = Code(640072, "field of record condition empty")  # own
    CONDITION_VALUE_NOT_ALLOWED = Code(640073, "value of record condition not allowed")  # own
    CONDITION_VALUE_EMPTY = Code(640074, "value of record condition empty")  # own
    INVALID_CONDITION_OPERATOR = Code(640075, "invalid operator of record condition")  # own
    INVALID_OTHER_PRIV = Code(640076, "invalid other_priv")  # own
    INVALID_RECORD_RANGE = Code(640077, "invalid record_range_type")  # own
    ALL_FIELDS_WITH_RULES = Code(640078, "field rules not allowed for all fields")  # own
    FIELD_RULE_FIELD_EMPTY = Code(640079, "field of field rule empty")  # own
    FIELD_RULE_REPEATED = Code(640080, "field rule repeated")  # own
    FIELD_RULE_CONTRADICTORY = Code(640081, "field rule contradicts the sub-table's rights")  # own
    CONDITION_FIELD_NOT_VISIBLE = Code(640082, "field of record condition has no rights")  # own
    INVALID_DEFAULT_RULE = Code(640083, "field_default_rule missing or not allowed")  # own
    DEFAULT_RULE_CONTRADICTORY = Code(640084, "field_default_rule contradicts the sub-table's rights")  # own
    INVALID_FIELD_RANGE = Code(640085, "invalid field_range_type")  # own
    RULE_SHEET_EMPTY = Code(640086, "sheet_id of priv_list empty")  # own
    RULE_SHEET_REPEATED = Code(640087, "sheet_id of priv_list repeated")  # own
    PRIV_PARTS_MISMATCH = Code(640088, "rights do not fit priv")  # own
    INVALID_PRIV = Code(640089, "invalid priv")  # own
    RULE_MEMBER_REPEATED = Code(640091, "member of content rule repeated")  # own
    NO_MEMBER_OF_RULE = Code(640092, "not a member of content rule")  # own
    FIELD_RULES_EMPTY = Code(640093, "field rules empty")  # own
    RULE_FOR_ALL_NAMED = Code(640094, "rule for all members cannot be named")  # own
    CREATOR_CONDITION_TYPED = Code(640095, "condition on the creator has a field_type")  # own
    INVALID_RULE_FIELD_TYPE = Code(640096, "field_type of rule missing or not allowed")  # own
    RULE_SHEET_NOT_FOUND = Code(640097, "sheet_id of priv_list not found")  # own
    RIGHTS_NOT_TOGETHER = Code(640098, "edit without insert not allowed for this field")  # own
    COMPUTED_FIELD_EDITABLE = Code(640100, "reference or formula field cannot be editable")  # own
    SYSTEM_FIELD_RIGHTS = Code(640101, "system field must be visible and not editable")  # own
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
