"""Codes of members, departments, member tags and the identity of visitors."""

from wecom_tollbooth.gateway.errcodes.code import Code


class DirectoryCodes:
    """Part of ErrCode."""

    INVALID_USERID = Code(40003, "invalid userid")
    INVALID_OAUTH_CODE = Code(40029, "invalid code")
    INVALID_USERID_LIST = Code(40031, "invalid userid list")  # own
    USERID_LIST_TOO_LONG = Code(40032, "invalid userid list length")  # own
    INVALID_PARTY_LIST = Code(40066, "invalid party list")
    INVALID_TAGID = Code(40068, "invalid tagid")
    ALL_LIST_INVALID = Code(40070, "all list invalid ")
    TAG_NAME_EXISTS = Code(40071, "UserTag Name Already Exist")
    INVALID_TAG_NAME = Code(40072, "invalid tag name")  # own
    INVALID_OPENID = Code(40073, "invalid openid")  # own
    MEMBER_NOT_REAL_NAMED = Code(40098, "user is not real name verified")  # own
    MEMBER_BANNED = Code(40143, "user is banned")  # own
    NOT_LOGGED_IN_FOR_A_YEAR = Code(40205, "user has not logged in within a year")  # own
    INVALID_TFA_CODE = Code(40207, "invalid tfa_code")  # own
    OUTSIDE_VERIFICATION = Code(40208, "user is not in the range of the second verification")  # own
    VERIFICATION_DOMAIN_DIFFERS = Code(40209, "redirect domain is not that of the second verification")  # own
    NO_VERIFICATION_PAGE = Code(40210, "no url of the second verification")  # own
    MISSING_OAUTH_CODE = Code(41008, "missing code")  # own
    MISSING_USERID = Code(41009, "missing userid")  # own
    MISSING_TAGID = Code(41017, "missing tagid")
    MISSING_TAGNAME = Code(41018, "missing tagname")
    NOT_BOUND_TO_WECHAT = Code(43004, "user has not bound wechat")  # own
    MEMBER_CAP_REACHED = Code(45024, "member count out of limit")  # own
    USER_NOT_FOUND = Code(46004, "user no exist")  # own
    UNTRUSTED_REDIRECT_DOMAIN = Code(50001, "redirect_url domain is not a trusted domain")  # own
    INVALID_DEPARTMENT_LENGTH = Code(60001, "department invalid length")
    DEPARTMENT_NOT_FOUND = Code(60003, "department not found")
    PARENT_DEPARTMENT_NOT_FOUND = Code(60004, "parent department not found")
    DEPARTMENT_CONTAINS_USER = Code(60005, "department contains user")
    DEPARTMENT_CONTAINS_DEPARTMENT = Code(60006, "department contains sub-department")
    ROOT_DEPARTMENT = Code(60007, "cannot delete root department")  # own
    DEPARTMENT_EXISTS = Code(60008, "department existed")
    INVALID_DEPARTMENT_NAME = Code(60009, "department name include invalid char")
    DEPARTMENT_CYCLE = Code(60010, "department relation cycle")  # own
    USERID_EXISTS = Code(60102, "userid existed")
    INVALID_MOBILE = Code(60103, "invalid mobile")
    MOBILE_EXISTS = Code(60104, "mobile existed")
    INVALID_EMAIL = Code(60105, "invalid email")
    EMAIL_EXISTS = Code(60106, "email existed")
    TOO_MANY_DEPARTMENTS = Code(60110, "user department count out of limit")  # own
    USERID_NOT_FOUND = Code(60111, "userid not found")
    INVALID_MEMBER_NAME = Code(60112, "invalid member name")  # own
    INVALID_PARTY_ID = Code(60123, "invalid party id")
    INVALID_PARENT_PARTY_ID = Code(60124, "invalid parent party id")
    MOBILE_AND_EMAIL_EMPTY = Code(60129, "mobile and email both empty")  # own
    LEADER_COUNT_DIFFERS = Code(60132, "is_leader_in_dept and department differ in count")  # own
    RECORD_NOT_FOUND = Code(60136, "record not found")
    INVALID_BIZ_MAIL = Code(60143, "invalid biz mail")  # own
    BIZ_MAIL_IS_FIXED = Code(60144, "biz mail cannot be updated")  # own
    BIZ_MAIL_EXISTS = Code(60145, "biz mail existed")  # own
    INVALID_EXTATTR_TYPE = Code(60150, "invalid extattr type")  # own
    OPEN_USERID_OF_ANOTHER_PROVIDER = Code(60221, "open_userid not belong to the provider")  # own
    TOO_MANY_DIRECT_LEADERS = Code(60257, "direct leader count out of limit")  # own
    INVALID_BIZ_MAIL_ALIAS = Code(60269, "invalid biz mail alias")  # own
    BIZ_MAIL_ALIAS_EXISTS = Code(60270, "biz mail alias existed")  # own
    ALIAS_WITHOUT_BIZ_MAIL = Code(60272, "no biz mail to give an alias to")  # own
    TAG_IS_FULL = Code(81003, "tag node count out of limit")  # own
    NO_PRIVILEGE_ON_TAG = Code(81011, "no privilege to operate tag")  # own
    TOO_MANY_TAGGED = Code(81014, "user or party list of tag out of limit")  # own
    USER_TICKET_EXPIRED = Code(84014, "user_ticket expired")  # own
    INVALID_USER_TICKET = Code(84015, "invalid user_ticket")  # own
    MISSING_USER_TICKET = Code(84090, "missing user_ticket")  # own
    INVALID_EXTERNAL_ATTR_TYPE = Code(90100, "invalid external attr type")  # own
    EXTERNAL_ATTR_TEXT_TOO_LONG = Code(90101, "external attr text length out of limit")  # own
    EXTERNAL_ATTR_WEB_TITLE_TOO_LONG = Code(90102, "external attr web title length out of limit")  # own
    INVALID_EXTERNAL_ATTR_URL = Code(90103, "invalid external attr web url")  # own
    EXTERNAL_ATTR_PROGRAM_TITLE_TOO_LONG = Code(90104, "external attr app title length out of limit")  # own
    INVALID_EXTERNAL_ATTR_PAGEPATH = Code(90105, "invalid external attr app pagepath")  # own
    INVALID_EXTERNAL_ATTR = Code(90106, "invalid external attr parameter")  # own
    INVALID_TICKET_TYPE = Code(91040, "invalid ticket type")  # own
    POSITION_TOO_LONG = Code(301012, "position length out of limit")  # own
    INVALID_TELEPHONE = Code(301013, "invalid telephone")  # own
    USERID_IS_FIXED = Code(301036, "userid cannot be updated")  # own
