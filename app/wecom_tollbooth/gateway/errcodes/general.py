"""Codes of every operation: credentials, rights, limits and parameters; those of providers and licences."""

from wecom_tollbooth.gateway.errcodes.code import Code


class GeneralCodes:
    """Part of ErrCode."""

    SYSTEM_BUSY = Code(-1, "system error")
    OK = Code(0, "ok")
    INVALID_CREDENTIAL = Code(40001, "invalid credential")
    INVALID_CORPID = Code(40013, "invalid corpid")
    INVALID_ACCESS_TOKEN = Code(40014, "invalid access_token")
    INVALID_AGENTID = Code(40056, "invalid agentid")  # own
    INVALID_PARAMETER = Code(40058, "invalid parameter")  # own
    PARAMETERS_EMPTY = Code(40063, "some parameters are empty")
    INVALID_SUITE_SECRET = Code(40080, "invalid suite secret")  # own
    INVALID_SUITE_TOKEN = Code(40082, "invalid suite_access_token")  # own
    INVALID_SUITE_ID = Code(40083, "invalid suite id")  # own
    INVALID_PERMANENT_CODE = Code(40084, "invalid permanent code")  # own
    INVALID_SUITE_TICKET = Code(40085, "invalid suite ticket")
    INVALID_JOB_ID = Code(40088, "invalid jobid")  # own
    INVALID_SECRET = Code(40091, "invalid secret")  # own
    BODY_TOO_LARGE = Code(40206, "request body too large")  # own
    MISSING_ACCESS_TOKEN = Code(41001, "access_token missing")
    MISSING_CORPID = Code(41002, "corpid missing")
    MISSING_SECRET = Code(41004, "corpsecret missing")
    MISSING_URL = Code(41010, "missing url")  # own
    MISSING_AGENTID = Code(41011, "missing agentid")
    MISSING_TITLE = Code(41016, "missing title")  # own
    MISSING_SUITE_ID = Code(41021, "missing suite id")  # own
    MISSING_SUITE_TOKEN = Code(41022, "suite_access_token missing")  # own
    MISSING_SUITE_TICKET = Code(41023, "missing suite ticket")  # own
    MISSING_SUITE_SECRET = Code(41024, "missing suite secret")  # own
    MISSING_PERMANENT_CODE = Code(41025, "missing permanent code")  # own
    MISSING_DESCRIPTION = Code(41033, "missing description")  # own
    ACCESS_TOKEN_EXPIRED = Code(42001, "access_token expired")
    SUITE_TOKEN_EXPIRED = Code(42009, "suite_access_token expired")  # own
    FREQUENCY_LIMIT = Code(45009, "api freq out of limit")
    CONCURRENCY_LIMIT = Code(45033, "api concurrent out of limit")
    CONFLICTING_CHANGE = Code(45035, "concurrent operation conflict")  # own
    API_FORBIDDEN = Code(48002, "api forbidden")
    API_TAKEN_AWAY = Code(48006, "api is taken back for the app is not used")  # own
    MEMBERS_TOO_INACTIVE = Code(48011, "members are not active enough")  # own
    FORBIDDEN_FOR_CONTACT_ASSISTANT = Code(48009, "api forbidden for contact assistant")
    APP_DISABLED = Code(50003, "app is disabled")  # own
    INVALID_CURSOR = Code(50100, "invalid cursor")  # own
    NO_PRIVILEGE = Code(60011, "no privilege to access/modify contact/party/agent")
    IP_NOT_ALLOWED = Code(60020, "not allow to access from your ip")
    OUTSIDE_VISIBLE_RANGE = Code(60030, "out of the visible range of the app")  # own
    TOO_MANY_REQUESTED = Code(81017, "request count out of limit")  # own
    NO_RIGHT_ON_APP = Code(301002, "not allow operate another agent with this accesstoken.")
    INVALID_TIME_SPAN = Code(600018, "invalid start endtime")
    NO_THIRD_PARTY_APP = Code(610019, "no third-party app installed")  # own
    NO_APP_OF_THE_PROVIDER = Code(610020, "no third-party app of the same provider installed")  # own
    NO_RIGHT_OF_THIRD_PARTY_APP = Code(610021, "third-party app has no right on customers")  # own
    CORP_IS_THE_PROVIDER = Code(610022, "corp and provider are the same")  # own
    CONTACT_SCALE_REACHED = Code(610023, "external contact scale out of limit")  # own
    INVALID_PAYEE = Code(660002, "invalid payee userid")  # own
    PAYEE_NOT_VISIBLE = Code(660003, "payee is out of the visible range")  # own
    EXTERNAL_PAYMENTS_OFF = Code(660013, "external payment app is disabled")  # own
    NO_INTEROP_LICENSE = Code(701008, "no user with valid interop license")  # own
    LICENSE_OF_CORP_CLOSED = Code(701063, "api license of corp is closed")  # own
