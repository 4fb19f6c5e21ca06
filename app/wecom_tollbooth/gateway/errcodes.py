"""The errcodes that this server answers, each with its text on the wire.

Texts marked `# own` were never seen in a real reply: the platform documents only a Chinese label, and tells
clients to branch on errcode. Source: page 90313 (global error codes), as of 2026-07-26.
"""

from enum import IntEnum


class ErrCode(IntEnum):
    """Number and text of each code. Families refuse a call with `raise Refusal(ErrCode.NAME)`."""

    text: str

    def __new__(cls, code: int, text: str) -> "ErrCode":
        member = int.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member

    SYSTEM_BUSY = -1, "system error"
    OK = 0, "ok"
    INVALID_CREDENTIAL = 40001, "invalid credential"
    INVALID_USERID = 40003, "invalid userid"
    INVALID_MEDIA_FILE = 40004, "invalid media type"  # own
    INVALID_MEDIA_TYPE = 40005, "invalid type"  # own
    INVALID_FILE_SIZE = 40006, "invalid file size"  # own
    INVALID_MEDIA_ID = 40007, "invalid media_id"
    INVALID_MESSAGE_TYPE = 40008, "invalid message type"
    INVALID_IMAGE_SIZE = 40009, "invalid image size"  # own
    INVALID_VIDEO_SIZE = 40011, "invalid video size"  # own
    INVALID_CORPID = 40013, "invalid corpid"
    INVALID_ACCESS_TOKEN = 40014, "invalid access_token"
    INVALID_MENU_BUTTON_COUNT = 40016, "invalid button size"
    INVALID_MENU_BUTTON_TYPE = 40017, "invalid button type"
    INVALID_MENU_BUTTON_NAME = 40018, "invalid button name size"
    INVALID_MENU_BUTTON_KEY = 40019, "invalid button key size"
    INVALID_MENU_BUTTON_URL = 40020, "invalid button url size"
    MENU_TOO_DEEP = 40022, "invalid sub button level"  # own
    INVALID_SUB_BUTTON_COUNT = 40023, "invalid sub button size"
    INVALID_OAUTH_CODE = 40029, "invalid code"
    INVALID_USERID_LIST = 40031, "invalid userid list"  # own
    USERID_LIST_TOO_LONG = 40032, "invalid userid list length"  # own
    INVALID_TEMPLATE_ID = 40037, "invalid template_id"
    INVALID_CHAT_ID = 40050, "invalid group id"
    INVALID_SUB_BUTTON_URL_DOMAIN = 40054, "invalid sub button url domain"
    INVALID_MENU_BUTTON_URL_DOMAIN = 40055, "invalid button url domain"
    INVALID_AGENTID = 40056, "invalid agentid"  # own
    INVALID_PARAMETER = 40058, "invalid parameter"  # own
    PARAMETERS_EMPTY = 40063, "some parameters are empty"
    INVALID_PARTY_LIST = 40066, "invalid party list"
    INVALID_TAGID = 40068, "invalid tagid"
    ALL_LIST_INVALID = 40070, "all list invalid "
    TAG_NAME_EXISTS = 40071, "UserTag Name Already Exist"
    INVALID_TAG_NAME = 40072, "invalid tag name"  # own
    INVALID_OPENID = 40073, "invalid openid"  # own
    NEWS_CANNOT_BE_CONFIDENTIAL = 40074, "news cannot be confidential"  # own
    INVALID_SUITE_SECRET = 40080, "invalid suite secret"  # own
    INVALID_SUITE_TOKEN = 40082, "invalid suite_access_token"  # own
    INVALID_SUITE_ID = 40083, "invalid suite id"  # own
    INVALID_PERMANENT_CODE = 40084, "invalid permanent code"  # own
    INVALID_SUITE_TICKET = 40085, "invalid suite ticket"
    INVALID_JOB_ID = 40088, "invalid jobid"  # own
    INVALID_SECRET = 40091, "invalid secret"  # own
    INVALID_EXTERNAL_USERID = 40096, "invalid external userid"
    NOT_RESIGNED = 40097, "user not resigned from corp"
    MEMBER_NOT_REAL_NAMED = 40098, "user is not real name verified"  # own
    TAKER_HAS_TOO_MANY_CUSTOMERS = 40099, "user customer count out of limit"  # own
    ALREADY_BEING_TRANSFERRED = 40100, "external contact is already being transferred"  # own
    INVALID_IMAGE = 40123, "invalid image"  # own
    TAG_CAP_REACHED = 40126, "corp tag count out of limit"  # own
    TRANSFERRED_TOO_OFTEN = 40128, "external contact transferred too often"  # own
    BEING_TRANSFERRED = 40129, "external contact is being transferred"  # own
    SAME_MEMBER = 40130, "handover user and takeover user are the same"  # own
    NOT_A_CUSTOMER_OF_GIVER = 40131, "not an external contact of the handover user"  # own
    MEMBER_BANNED = 40143, "user is banned"  # own
    CUSTOMER_TAG_CAP_REACHED = 40144, "customer tag count out of limit"  # own
    NOT_LOGGED_IN_FOR_A_YEAR = 40205, "user has not logged in within a year"  # own
    BODY_TOO_LARGE = 40206, "request body too large"  # own
    MISSING_MEDIA_ID = 41006, "missing media_id"  # own
    MISSING_OAUTH_CODE = 41008, "missing code"  # own
    ATTACHMENT_SCENE_MISMATCH = 41072, "invalid attachment scene"  # own
    ATTACHMENT_TOO_LARGE = 41080, "attachment file size out of limit"  # own
    ATTACHMENT_RESOLUTION = 41081, "attachment image resolution out of limit"  # own
    ATTACHMENT_TOO_LONG = 41082, "attachment video duration out of limit"  # own
    INVALID_ATTACHMENT_VIDEO = 41090, "invalid attachment video"  # own
    TOO_MANY_GROUPS_OF_WAY = 41091, "join way chat count out of limit"  # own
    MESSAGE_CANCELLED = 41093, "group msg has been cancelled"  # own
    REMINDED_TOO_OFTEN = 41094, "group msg reminded too often"  # own
    LINK_CAP_REACHED = 41095, "acquisition link count out of limit"  # own
    WELCOME_BEING_SENT = 41096, "welcome msg is being distributed"
    CATEGORY_NOT_SUPPORTED = 41200, "business category not supported"  # own
    INVALID_CHAT_KEY = 41201, "invalid chat_key"  # own
    MISSING_ACCESS_TOKEN = 41001, "access_token missing"
    MISSING_CORPID = 41002, "corpid missing"
    MISSING_SECRET = 41004, "corpsecret missing"
    MISSING_USERID = 41009, "missing userid"  # own
    MISSING_URL = 41010, "missing url"  # own
    MISSING_AGENTID = 41011, "missing agentid"
    MISSING_TITLE = 41016, "missing title"  # own
    MISSING_TAGID = 41017, "missing tagid"
    MISSING_TAGNAME = 41018, "missing tagname"
    MISSING_SUITE_ID = 41021, "missing suite id"  # own
    MISSING_SUITE_TOKEN = 41022, "suite_access_token missing"  # own
    MISSING_SUITE_TICKET = 41023, "missing suite ticket"  # own
    MISSING_SUITE_SECRET = 41024, "missing suite secret"  # own
    MISSING_PERMANENT_CODE = 41025, "missing permanent code"  # own
    MISSING_DESCRIPTION = 41033, "missing description"  # own
    MISSING_EXTERNAL_USERID = 41035, "missing external userid"
    MISSING_CONTACT_WAY_TYPE = 41037, "missing contact way type"
    MISSING_CONTACT_WAY_SCENE = 41038, "missing contact way scene"  # own
    INVALID_CONTACT_WAY_TYPE = 41039, "invalid contact way type"  # own
    INVALID_CONTACT_WAY_SCENE = 41040, "invalid contact way scene"  # own
    TOO_MANY_CONTACT_WAY_USERS = 41041, "contact way user count out of limit"  # own
    INVALID_CONTACT_WAY_STYLE = 41042, "invalid contact way style"  # own
    MISSING_CONFIG_ID = 41043, "missing contact way config id"  # own
    INVALID_CONFIG_ID = 41044, "invalid contact way config id"  # own
    CONTACT_WAY_CAP_REACHED = 41045, "contact way count out of limit"  # own
    MISSING_MSGID = 41046, "missing group msg id"  # own
    INVALID_MSGID = 41047, "invalid group msg id"
    NO_CUSTOMER_TO_SEND = 41048, "no customer to send"
    MISSING_WELCOME_CODE = 41049, "missing welcome_code"  # own
    INVALID_WELCOME_CODE = 41050, "invalid welcome code"
    ALREADY_CHATTING = 41051, "externaluser has started chatting"
    ARCHIVE_NOT_AGREED = 41053, "external user has not agreed to the message archive"  # own
    MEMBER_NOT_ACTIVATED = 41054, "user is not activated"  # own
    GROUP_WELCOME_TEMPLATE_CAP_REACHED = 41055, "group welcome template count out of limit"  # own
    WRONG_KIND_OF_CONTACT = 41056, "wrong kind of external contact"  # own
    NO_DEVELOPER_ACCOUNT = 41057, "no wechat developer account bound"  # own
    NO_RIGHT_TO_TEMPLATE = 41058, "no privilege to edit the group welcome template"  # own
    MISSING_MOMENT_ID = 41059, "missing moment_id"  # own
    INVALID_MOMENT_ID = 41060, "invalid moment_id"  # own
    NOT_THE_PUBLISHER = 41061, "user is not the publisher of the moment"  # own
    MOMENT_NOT_PUBLISHED = 41062, "moment is not published by the user"  # own
    MAKING_TASKS = 41063, "group msg is being dispatched"  # own
    TOO_MANY_ATTACHMENTS = 41064, "attachments out of limit"  # own
    INVALID_ATTACHMENT_TYPE = 41065, "invalid attachment type"  # own
    WRONG_KIND_OF_MOMENT = 41067, "wrong create type of moment"  # own
    TOO_MANY_INTERCEPT_WORDS = 41068, "intercept word list out of limit"  # own
    TOO_MANY_INTERCEPT_RULES = 41069, "intercept rule count out of limit"  # own
    INVALID_INTERCEPT_RULE_ID = 41070, "invalid intercept rule id"  # own
    INTERCEPT_RULE_DELETED = 41071, "intercept rule has been deleted"  # own
    DESCRIPTION_NOT_CONFORMING = 41073, "product description does not conform"  # own
    PRODUCT_DELETED = 41074, "product has been deleted"  # own
    INVALID_PRODUCT_ID = 41075, "invalid product id"  # own
    INTERCEPT_RANGE_TOO_LARGE = 41076, "intercept rule range out of limit"  # own
    INTERCEPT_RULE_NAME_EXISTS = 41077, "intercept rule name already exists"  # own
    TOO_MANY_MOMENT_JOBS = 41078, "too many moment jobs in progress"  # own
    MOMENT_BEING_DISPATCHED = 41079, "moment is being dispatched"  # own
    INVALID_INTERCEPT_WORD = 41083, "invalid intercept word"  # own
    INVALID_INTERCEPT_SEMANTICS = 41084, "invalid intercept semantics"  # own
    INVALID_PRODUCT_SN = 41085, "invalid product sn"  # own
    INVALID_PRODUCT_PRICE = 41086, "invalid product price"  # own
    INVALID_PRODUCT_DESCRIPTION = 41087, "invalid product description"  # own
    ATTACHMENTS_EMPTY = 41088, "attachments empty"  # own
    CONTENT_EMPTY = 41089, "attachments and text are both empty"  # own
    TOO_MANY_MOMENTS = 41210, "moment count of the month out of limit"  # own
    MOMENTS_NOT_OPENED = 41211, "customer moments are not opened"  # own
    ACCESS_TOKEN_EXPIRED = 42001, "access_token expired"
    SUITE_TOKEN_EXPIRED = 42009, "suite_access_token expired"  # own
    INVALID_TASK_ID = 42014, "invalid task_id"  # own
    CARD_OF_ANOTHER_APP = 42015, "card was sent by another app"  # own
    TASK_NOT_FOUND = 42016, "task_id not exist"  # own
    BUTTON_KEY_NOT_FOUND = 42017, "button key not exist"  # own
    INVALID_BUTTON_KEY = 42018, "invalid button key"  # own
    MISSING_BUTTON_KEY = 42019, "missing button key"  # own
    MISSING_BUTTON_NAME = 42020, "missing button name"  # own
    CARD_MISSING_KEYNAME = 42027, "template card missing keyname"  # own
    CARD_MISSING_URL = 42028, "template card missing url"  # own
    CARD_MISSING_MEDIA_ID = 42029, "template card missing media_id"  # own
    CARD_MISSING_APPID = 42030, "template card missing appid"  # own
    INVALID_CARD_TYPE = 42031, "invalid template card type"  # own
    CARD_MISSING_TITLE = 42033, "template card missing title"  # own
    CARD_HORIZONTAL_LIST = 42035, "invalid horizontal_content_list length"  # own
    CARD_VERTICAL_LIST = 42036, "invalid vertical_content_list length"  # own
    CARD_OPTION_LIST = 42037, "invalid option_list length"  # own
    CARD_BUTTON_TEXT = 42038, "invalid template card button text"  # own
    CARD_BUTTON_KEY = 42039, "invalid template card button key"  # own
    CARD_OPTION_ID = 42040, "invalid template card option id"  # own
    CARD_OPTION_TEXT = 42041, "invalid template card option text"  # own
    CARD_JUMP_LIST = 42042, "invalid jump_list length"  # own
    CARD_QUESTION_KEY = 42043, "invalid template card question_key"  # own
    CARD_IMAGE_URL = 42044, "invalid template card image url"  # own
    CARD_ACTION = 42045, "invalid template card action"  # own
    CARD_SUBMIT_KEY = 42046, "invalid template card submit button key"  # own
    CARD_SELECT_LIST = 42047, "invalid select_list length"  # own
    CARD_USERID = 42050, "invalid template card userid"  # own
    CARD_MENU_KEY_REPEATED = 42051, "template card action key repeated"  # own
    MSGID_EXPIRED = 42052, "msgid expired"  # own
    NOT_BOUND_TO_WECHAT = 43004, "user has not bound wechat"  # own
    CORP_NOT_VERIFIED = 43009, "corp is not verified"  # own
    APP_NEEDS_CALLBACK_URL = 43012, "app needs a callback url"  # own

    EMPTY_MEDIA = 44001, "empty media data"
    EMPTY_CONTENT = 44004, "empty content"
    MEDIA_TOO_LARGE = 45001, "media size out of limit"  # own
    CONTENT_TOO_LARGE = 45002, "content size out of limit"  # own
    VOICE_TOO_LONG = 45007, "playtime out of limit"  # own
    TOO_MANY_ARTICLES = 45008, "article count out of limit"  # own
    FREQUENCY_LIMIT = 45009, "api freq out of limit"
    MEMBER_CAP_REACHED = 45024, "member count out of limit"  # own
    AUTHOR_TOO_LONG = 45032, "author size out of limit"  # own
    CONCURRENCY_LIMIT = 45033, "api concurrent out of limit"
    CONFLICTING_CHANGE = 45035, "concurrent operation conflict"  # own
    NO_MENU = 46003, "menu no exist"
    USER_NOT_FOUND = 46004, "user no exist"  # own

    API_FORBIDDEN = 48002, "api forbidden"
    FORBIDDEN_FOR_CONTACT_ASSISTANT = 48009, "api forbidden for contact assistant"
    GROUP_DISSOLVED = 49008, "group has been dissolved"  # own

    UNTRUSTED_REDIRECT_DOMAIN = 50001, "redirect_url domain is not a trusted domain"  # own
    INVALID_CURSOR = 50100, "invalid cursor"  # own

    INVALID_DEPARTMENT_LENGTH = 60001, "department invalid length"
    DEPARTMENT_NOT_FOUND = 60003, "department not found"
    PARENT_DEPARTMENT_NOT_FOUND = 60004, "parent department not found"
    DEPARTMENT_CONTAINS_USER = 60005, "department contains user"
    DEPARTMENT_CONTAINS_DEPARTMENT = 60006, "department contains sub department"
    ROOT_DEPARTMENT = 60007, "cannot delete root department"  # own
    DEPARTMENT_EXISTS = 60008, "department existed"
    INVALID_DEPARTMENT_NAME = 60009, "invalid department name"  # own
    DEPARTMENT_CYCLE = 60010, "department relation cycle"  # own
    NO_PRIVILEGE = 60011, "no privilege to access/modify contact/party/agent"
    IP_NOT_ALLOWED = 60020, "not allow to access from your ip"
    OUTSIDE_VISIBLE_RANGE = 60030, "out of the visible range of the app"  # own
    USERID_EXISTS = 60102, "userid existed"
    INVALID_MOBILE = 60103, "invalid mobile"
    MOBILE_EXISTS = 60104, "mobile existed"
    INVALID_EMAIL = 60105, "invalid email"
    EMAIL_EXISTS = 60106, "email existed"
    TOO_MANY_DEPARTMENTS = 60110, "user department count out of limit"  # own
    USERID_NOT_FOUND = 60111, "userid not found"
    INVALID_MEMBER_NAME = 60112, "invalid member name"  # own
    INVALID_PARTY_ID = 60123, "invalid party id"
    MOBILE_AND_EMAIL_EMPTY = 60129, "mobile and email both empty"  # own
    LEADER_COUNT_DIFFERS = 60132, "is_leader_in_dept and department differ in count"  # own
    RECORD_NOT_FOUND = 60136, "record not found"
    INVALID_RESPONSE_CODE = 60140, "invalid response_code"  # own
    INVALID_BIZ_MAIL = 60143, "invalid biz mail"  # own
    BIZ_MAIL_IS_FIXED = 60144, "biz mail cannot be updated"  # own
    BIZ_MAIL_EXISTS = 60145, "biz mail existed"  # own
    INVALID_EXTATTR_TYPE = 60150, "invalid extattr type"  # own
    TOO_MANY_DIRECT_LEADERS = 60257, "direct leader count out of limit"  # own
    INVALID_BIZ_MAIL_ALIAS = 60269, "invalid biz mail alias"  # own
    BIZ_MAIL_ALIAS_EXISTS = 60270, "biz mail alias existed"  # own
    ALIAS_WITHOUT_BIZ_MAIL = 60272, "no biz mail to give an alias to"  # own
    INVALID_SUBSCRIBE_MODE = 65001, "invalid subscribe mode"  # own

    TAG_IS_FULL = 81003, "tag node count out of limit"  # own
    NO_PRIVILEGE_ON_TAG = 81011, "no privilege to operate tag"  # own
    ALL_RECEIVERS_INVALID = 81013, "user & party & tag all invalid"
    TOO_MANY_TAGGED = 81014, "user or party list of tag out of limit"  # own
    TOO_MANY_REQUESTED = 81017, "request count out of limit"  # own
    NO_RECEIVER = 82001, "user & party & tag all empty"  # own
    TOO_MANY_PARTIES = 82002, "party list out of limit"  # own
    TOO_MANY_TAGS = 82003, "tag list out of limit"  # own
    NO_UPDATE_TARGET = 82101, "no target to update"  # own
    TARGET_IS_NO_RECEIVER = 82102, "target is not a receiver of the message"  # own
    USER_TICKET_EXPIRED = 84014, "user_ticket expired"  # own
    INVALID_USER_TICKET = 84015, "invalid user_ticket"  # own
    NOT_EXTERNAL_CONTACT = 84061, "not external contact"
    NO_CUSTOMER_CONTACT_RIGHT = 84074, "no external contact privilege"  # own

    MISSING_USER_TICKET = 84090, "missing user_ticket"  # own
    INVALID_CHATID = 86001, "invalid chatid"  # own
    CHAT_NOT_FOUND = 86003, "chatid not exist"  # own
    INVALID_CHAT_NAME = 86004, "invalid chat name"  # own
    INVALID_CHAT_OWNER = 86005, "invalid chat owner"  # own
    WRONG_CHAT_SIZE = 86006, "chat member count out of limit"  # own
    INVALID_CHAT_MEMBER = 86007, "invalid chat member"  # own
    CHAT_OF_ANOTHER_APP = (
        86008,
        "you has no privilege to access this chat, which is created by other agent.",
    )
    MISSING_CHATID = 86201, "chatid missing"  # own
    MISSING_CHAT_OWNER = 86203, "chat owner missing"  # own
    MISSING_CHAT_MEMBERS = 86204, "chat members missing"  # own
    CHATID_TOO_LONG = 86205, "chatid too long"  # own
    CHATID_TOO_LARGE = 86206, "chatid too large"  # own
    OWNER_NOT_IN_CHAT = 86207, "chat owner is not in the member list"  # own
    CHATID_EXISTS = 86215, "chatid already exists"  # own
    INVALID_CHAT_MEMBER_ID = 86216, "invalid userid of a chat member"  # own
    INVALID_CHAT_PARAMETER = 86220, "invalid chat parameter"  # own
    GROUP_OWNER_NOT_RESIGNED = 90500, "the owner of this chat is not resigned"
    NOT_A_CUSTOMER_GROUP = 90501, "chat is not external group chat"
    GROUP_OWNER_HAS_LEFT = 90502, "the owner of this chat is resigned"  # own
    GROUP_OWNER_UNCHANGED = 90504, "the owner of this chat is not changed"  # own
    GROUP_ALREADY_INHERITED = 90508, "this chat is already inherited"  # own
    NOT_A_CUSTOMER_GROUP_OF_THE_PLATFORM = 90509, "not a customer group of the platform"  # own
    INVALID_OPENGID = 90511, "invalid opengid"  # own
    NOT_BROUGHT_BY_THE_APP = 90514, "not a customer or chat that the marketing app brought"  # own

    INVALID_TICKET_TYPE = 91040, "invalid ticket type"  # own
    INVALID_ROBOT_KEY = 93000, "invalid webhook url"
    ROBOT_DISABLED = 93004, "robot is disabled"  # own
    ROBOT_MESSAGE_EMPTY = 93017, "message body is empty"  # own
    ROBOT_IMAGE_TOO_LARGE = 93018, "image too large"  # own
    INVALID_ROBOT_ID = 93019, "invalid robot id"  # own

    NO_RIGHT_ON_APP = 301002, "no right on the app"  # own
    INVALID_VOICE = 301016, "invalid voice file"  # own
    VOICE_NOT_AMR = 301017, "voice file only support amr like myvoice.amr"
    MD5_MISMATCH = 301019, "file md5 not match"  # own
    USERID_IS_FIXED = 301036, "userid cannot be updated"  # own
    ARCHIVE_IP_NOT_ALLOWED = 301042, "get chatdata whiteip not match"
    ARCHIVE_EXPIRED = 301052, "message archive is expired"  # own
    ARCHIVE_NOT_ENABLED = 301053, "message archive is not enabled"  # own
    NOT_AN_INTERNAL_GROUP = 301059, "not an internal group"  # own
    TOO_MANY_CONSENTS = 301060, "too many agreement queries, at most 100"  # own
    CONSENT_OF_UNKNOWN = 301061, "userid or exteranalopenid not exist"  # own
    INVALID_DOCID = 301085, "invalid docid"  # own

    INVALID_TIME_SPAN = 600018, "invalid start endtime"
    INVALID_UNIONID = 610014, "invalid unionid"  # own
    OPEN_ACCOUNT_NOT_VERIFIED = 610015, "open platform account is not verified"  # own
    CORP_NOT_CERTIFIED = 610016, "corp is not certified"  # own
    SUBJECTS_DIFFER = 610017, "mini program and corp differ in subject"  # own
    OPENID_NOT_OF_UNIONID = 610018, "openid and unionid are not of one open platform account"  # own
    NO_THIRD_PARTY_APP = 610019, "no third-party app installed"  # own
    NO_APP_OF_THE_PROVIDER = 610020, "no third-party app of the same provider installed"  # own
    NO_RIGHT_OF_THIRD_PARTY_APP = 610021, "third-party app has no right on customers"  # own
    CORP_IS_THE_PROVIDER = 610022, "corp and provider are the same"  # own
    CONTACT_SCALE_REACHED = 610023, "external contact scale out of limit"  # own
    NO_INTEROP_LICENSE = 701008, "no user with valid interop license"  # own
    LICENSE_OF_CORP_CLOSED = 701063, "api license of corp is closed"  # own

    INVALID_UPLOAD_URL = 830001, "invalid upload url"  # own
    DOWNLOAD_TOO_LARGE = 830002, "download size out of limit"  # own
    UPLOAD_URL_FAILED = 830003, "download from upload url failed"  # own
    INVALID_WEBHOOK_KEY = 840001, "invalid webhook key"  # own
    WEBHOOK_IP_NOT_ALLOWED = 840002, "not allow to access webhook from your ip"  # own
    DOCUMENT_TYPE_MISMATCH = 851002, "document type mismatch"  # own
    NO_AUTHORITY_OVER_DOCUMENT = 851003, "no authority over the document"  # own

    # Codes of our extension follow_ups; WeCom's list has no codes from 990001 to 990099.
    INVALID_FOLLOW_UP_ID = 990001, "invalid follow_up_id"  # own
    FOLLOW_UP_EXISTS = 990002, "follow-up of this customer and member already exists"  # own
    INVALID_PIPELINE = 990003, "invalid pipeline"  # own
    INVALID_PIPELINE_WAY = 990004, "invalid way between stages"  # own
    UNKNOWN_FIELD = 990005, "unknown field"  # own
    INVALID_STAGE = 990006, "invalid stage_id"  # own
    STAGE_IN_USE = 990007, "stage is in use"  # own
    INVALID_FOLLOW_UP_TIME = 990008, "invalid follow-up time"  # own
    INVALID_POSITION = 990009, "invalid position"  # own
    LOG_TOO_LONG = 990010, "follow-up log too long"  # own

    # The simulator's own: WeCom documents the operation, and it is not simulated.
    NOT_SIMULATED = 990404, "not simulated yet"  # own

    PRIMARY_FIELD_IS_FIXED = 2000055, "primary field cannot be deleted"  # own
    CONCURRENT_WRITE = 2010003, "concurrent write"  # own
    SHEET_RECORD_NOT_FOUND = 2022003, "record not found"  # own
    FIELD_NOT_FOUND = 2022004, "field not found"  # own
    VIEW_NOT_FOUND = 2022005, "view not found"  # own
    INVALID_VIEW_TYPE = 2022009, "invalid view type"  # own
    INVALID_FIELD_TYPE = 2022010, "invalid field type"  # own
    OFFSET_ABOVE_TOTAL = 2022023, "offset above total"  # own
    SHEET_CAP_REACHED = 2022029, "row, column or size out of limit"  # own
    TITLE_DUPLICATE_OR_EMPTY = 2022030, "title duplicate or empty"  # own
    INVALID_VIEW_PROPERTY = 2022032, "invalid view property"  # own
    INVALID_FILTER = 2022033, "invalid filter"  # own
    INVALID_SHEET_DATE = 2022034, "invalid date"  # own
    INVALID_REFERENCE = 2022035, "invalid reference"  # own
    INVALID_LOCATION = 2022037, "invalid location"  # own
    INVALID_FIELD_PROPERTY = 2022040, "invalid field property"  # own
    NO_EDIT_RIGHT = 2022048, "no right to edit"  # own
    WEBHOOK_FIELD_NOT_FOUND = 2023001, "webhook field not found"  # own
    INVALID_WEBHOOK_OPTION = 2023010, "invalid webhook option"  # own
    INVALID_WEBHOOK_RECORD = 2023012, "invalid webhook record"  # own
    WEBHOOK_BODY_TOO_LARGE = 2023030, "webhook request body too large"  # own
    WEBHOOK_DATA_TOO_LARGE = 2023031, "webhook edit data too large"  # own
    WEBHOOK_ROWS_OUT_OF_LIMIT = 2023032, "webhook rows per minute out of limit"  # own
    INVALID_WEBHOOK_IMAGE = 2023033, "invalid webhook image"  # own
    TOO_MANY_SHEETS = 2505401, "sub-table count out of limit"  # own
    SHEET_NOT_FOUND = 2543303, "sub-table not found"  # own


BY_NUMBER: dict[int, ErrCode] = {int(code): code for code in ErrCode}

WITHOUT_SUFFIX = frozenset({ErrCode.OK, ErrCode.INVALID_ACCESS_TOKEN})
"""40014 has no hint and address in its errmsg, except on the two operations that list addresses."""


class Refusal(Exception):
    """A call that WeCom refuses. The gateway rolls back what the handler did and answers with the code.

    `errmsg` replaces the code's own text; `detail` is a sentence for the journal that says which value was
    wrong and what would be right; `extra` are fields of the body beside the operation's empty lists.
    """

    def __init__(
        self, errcode: ErrCode, errmsg: str | None = None, *, detail: str = "", **extra: object
    ) -> None:
        super().__init__(errcode, errmsg or errcode.text)
        self.errcode = errcode
        self.errmsg = errmsg or errcode.text
        self.detail = detail
        self.extra = extra
