"""The documented types of fields and their properties. Pure functions, without a database.

Source: pages 99904, 101157 and 101158.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal

KeyKind = Literal["text", "number", "bool", "time", "ids", "files"]
"""What filters and sorts compare; see cells.key_of."""

TEXT = "FIELD_TYPE_TEXT"
NUMBER = "FIELD_TYPE_NUMBER"
CHECKBOX = "FIELD_TYPE_CHECKBOX"
DATE_TIME = "FIELD_TYPE_DATE_TIME"
IMAGE = "FIELD_TYPE_IMAGE"
ATTACHMENT = "FIELD_TYPE_ATTACHMENT"
USER = "FIELD_TYPE_USER"
URL = "FIELD_TYPE_URL"
SELECT = "FIELD_TYPE_SELECT"
SINGLE_SELECT = "FIELD_TYPE_SINGLE_SELECT"
CREATED_USER = "FIELD_TYPE_CREATED_USER"
MODIFIED_USER = "FIELD_TYPE_MODIFIED_USER"
CREATED_TIME = "FIELD_TYPE_CREATED_TIME"
MODIFIED_TIME = "FIELD_TYPE_MODIFIED_TIME"
PROGRESS = "FIELD_TYPE_PROGRESS"
PHONE_NUMBER = "FIELD_TYPE_PHONE_NUMBER"
EMAIL = "FIELD_TYPE_EMAIL"
REFERENCE = "FIELD_TYPE_REFERENCE"
LOCATION = "FIELD_TYPE_LOCATION"
FORMULA = "FIELD_TYPE_FORMULA"
CURRENCY = "FIELD_TYPE_CURRENCY"
WWGROUP = "FIELD_TYPE_WWGROUP"
AUTONUMBER = "FIELD_TYPE_AUTONUMBER"
PERCENTAGE = "FIELD_TYPE_PERCENTAGE"
BARCODE = "FIELD_TYPE_BARCODE"

CURRENCIES = frozenset(
    f"CURRENCY_TYPE_{code}"
    for codes in (
        ("CNY", "USD", "EUR", "GBP", "JPY", "KRW", "HKD", "MOP", "TWD", "AED", "AUD", "BRL", "CAD"),
        ("CHF", "IDR", "INR", "MXN", "MYR", "PHP", "PLN", "RUB", "SGD", "THB", "TRY", "VND"),
    )
    for code in codes
)
STYLES = range(1, 28)
DECIMAL_PLACES = range(-1, 5)
"""-1 shows a number as it is."""


@dataclass(frozen=True)
class Column:
    """A field as the other modules use it."""

    field_id: str
    title: str
    type: str
    settings: dict[str, Any] = field(default_factory=dict)
    """The property of the field's type in the API."""
    read_only: bool = False
    """True for a field that another family's records fill automatically, whatever its type."""

    @property
    def kind(self) -> "FieldType":
        return FIELD_TYPES[self.type]

    @property
    def writable(self) -> bool:
        return self.kind.writable and not self.read_only

    @property
    def options(self) -> list[dict[str, Any]]:
        """The options of a select field."""
        options: list[dict[str, Any]] = self.settings.get("options", [])
        return options


@dataclass(frozen=True)
class FieldType:
    key: KeyKind
    property_name: str | None = None
    defaults: dict[str, Any] = field(default_factory=dict)
    writable: bool = True


_NUMBERS = {"decimal_places": -1, "use_separate": False}
_DAY = {"format": "yyyy-mm-dd"}
FIELD_TYPES: dict[str, FieldType] = {
    TEXT: FieldType("text", "property_text"),
    NUMBER: FieldType("number", "property_number", _NUMBERS),
    CHECKBOX: FieldType("bool", "property_checkbox", {"checked": False}),
    DATE_TIME: FieldType("time", "property_date_time", {**_DAY, "auto_fill": False}),
    IMAGE: FieldType("files"),
    ATTACHMENT: FieldType("files", "property_attachment", {"display_mode": "DISPLAY_MODE_LIST"}),
    USER: FieldType("ids", "property_user", {"is_multiple": False, "is_notified": False}),
    URL: FieldType("text", "property_url", {"type": "LINK_TYPE_PURE_TEXT"}),
    SELECT: FieldType("ids", "property_select", {"is_quick_add": True, "options": []}),
    SINGLE_SELECT: FieldType("ids", "property_single_select", {"is_quick_add": True, "options": []}),
    CREATED_USER: FieldType("ids", writable=False),
    MODIFIED_USER: FieldType("ids", writable=False),
    CREATED_TIME: FieldType("time", "property_created_time", _DAY, writable=False),
    MODIFIED_TIME: FieldType("time", "property_modified_time", _DAY, writable=False),
    PROGRESS: FieldType("number", "property_progress", {"decimal_places": -1}),
    PHONE_NUMBER: FieldType("text"),
    EMAIL: FieldType("text"),
    REFERENCE: FieldType(
        "ids",
        "property_reference",
        {"view_id": "", "sub_id": "", "filed_id": "", "field_id": "", "is_multiple": False},
    ),
    LOCATION: FieldType("text", "property_location", {"input_type": "LOCATION_INPUT_TYPE_MANUAL"}),
    FORMULA: FieldType("text", "property_formula", writable=False),
    CURRENCY: FieldType("number", "property_currency", {"currency_type": "CURRENCY_TYPE_CNY", **_NUMBERS}),
    WWGROUP: FieldType("ids", "property_ww_group", {"allow_multiple": False}),
    AUTONUMBER: FieldType(
        "number",
        "property_auto_number",
        {
            "type": "NUMBER_TYPE_INCR",
            "input_type": "NUMBER_TYPE_INCR",
            "rules": [],
            "reformat_existing_record": False,
        },
        writable=False,
    ),
    PERCENTAGE: FieldType("number", "property_percentage", _NUMBERS),
    BARCODE: FieldType("text", "property_barcode", {"mobile_scan_only": False}),
}

DATE_FORMATS = frozenset(
    {
        *('yyyy"年"m"月"d"日"', "yyyy-mm-dd", "yyyy/m/d", 'm"月"d"日"', '[$-804]yyyy"年"m"月"d"日" dddd'),
        *('yyyy"年"m"月"d"日" hh:mm', "yyyy-mm-dd hh:mm", "m/d/yyyy", "d/m/yyyy"),
    }
)
LOCATION_AUTO = "LOCATION_INPUT_TYPE_AUTO"
_ALLOWED: dict[tuple[str, str], frozenset[str]] = {
    **{
        (f"property_{name}", "format"): DATE_FORMATS
        for name in ("date_time", "created_time", "modified_time")
    },
    ("property_attachment", "display_mode"): frozenset({"DISPLAY_MODE_LIST", "DISPLAY_MODE_GRID"}),
    ("property_url", "type"): frozenset({"LINK_TYPE_PURE_TEXT", "LINK_TYPE_ICON_TEXT"}),
    ("property_location", "input_type"): frozenset({"LOCATION_INPUT_TYPE_MANUAL", LOCATION_AUTO}),
    ("property_currency", "currency_type"): CURRENCIES,
    ("property_auto_number", "type"): frozenset({"NUMBER_TYPE_INCR", "NUMBER_TYPE_CUSTOM"}),
}
_SPELLINGS = {"type": "input_type", "filed_id": "field_id"}
"""Members with two names: that of the page, which does write filed_id, and that of other texts. Both are
accepted and shown."""
INCR, FIXED_CHAR, TIME = (f"NUMBER_RULE_TYPE_{kind}" for kind in ("INCR", "FIXED_CHAR", "TIME"))
TIME_FORMATS = {
    "YYYYMMDD": "%Y%m%d",
    "YYYYMM": "%Y%m",
    "MMDD": "%m%d",
    "YYYY": "%Y",
    "MM": "%m",
    "DD": "%d",
}
"""How a TIME rule formats the day of a record's creation; the first one is the default."""


def field_type(name: str) -> FieldType:
    """The type with this name; raises 2022010 for an undocumented one."""
    found = FIELD_TYPES.get(name)
    if found is None:
        raise Refusal(ErrCode.INVALID_FIELD_TYPE, detail=f"{name!r} is not a type of field")
    return found


def merged_property(
    type_name: str, before: dict[str, Any], given: dict[str, Any], new_option_id: Callable[[], str]
) -> dict[str, Any]:
    """The property of a field after a change: `given` over `before`, over the defaults of the type.

    `given` has the members that the request sets. Raises the code of PROPERTY_ERRORS that its type has for an
    invalid value.
    """
    kind = field_type(type_name)
    given = _in_both_spellings(kind, given)
    given = {name: given[name] for name in kind.defaults if name in given}
    merged = {**kind.defaults, **before, **given}
    places = given.get("decimal_places")
    if places is not None and places not in DECIMAL_PLACES:
        raise _bad(type_name, f"decimal_places is {places}, not -1 to 4")
    for name, value in given.items():
        allowed = _ALLOWED.get((kind.property_name or "", name))
        if allowed is not None and value not in allowed:
            raise _bad(type_name, f"{name} is {value!r}, not one of {', '.join(sorted(allowed))}")
    for rule in given.get("rules", []):
        if rule.get("type") not in (INCR, FIXED_CHAR, TIME):
            raise _bad(
                type_name, f"the type of a rule is {rule.get('type')!r}, not {INCR}, {FIXED_CHAR} or {TIME}"
            )
        if rule["type"] == TIME and rule.get("value") and rule["value"] not in TIME_FORMATS:
            raise _bad(type_name, f"the format {rule['value']!r} is not one of {', '.join(TIME_FORMATS)}")
    if "options" in given:
        merged["options"] = _options(type_name, given["options"], new_option_id)
    return merged


def _in_both_spellings(kind: FieldType, given: dict[str, Any]) -> dict[str, Any]:
    given = dict(given)
    for one, other in _SPELLINGS.items():
        if one in kind.defaults and other in kind.defaults:
            value = given.get(one, given.get(other))
            given.update({} if value is None else {one: value, other: value})
    return given


def _options(
    type_name: str, given: list[dict[str, Any]], new_option_id: Callable[[], str]
) -> list[dict[str, Any]]:
    options = []
    for place, option in enumerate(given):
        text = option.get("text", "")
        style = option.get("style") or 1 + place % len(STYLES)
        if not text:
            raise _bad(type_name, "an option needs a text")
        if "|" in option.get("id", ""):
            raise _bad(type_name, f"the id {option['id']!r} contains a |")
        if style not in STYLES:
            raise _bad(type_name, f"style {style} of option {text!r} is not 1 to 27")
        options.append({"id": option.get("id") or new_option_id(), "text": text, "style": style})
    for name in ("id", "text"):
        if len({option[name] for option in options}) < len(options):
            raise _bad(type_name, f"two options have the same {name}")
    return options


_CODES: dict[str, Code] = {
    NUMBER: ErrCode.INVALID_NUMBER_PROPERTY,
    DATE_TIME: ErrCode.INVALID_DATE_PARAMETER,
    URL: ErrCode.INVALID_URL_PROPERTY,
    SELECT: ErrCode.INVALID_SELECT_PROPERTY,
    SINGLE_SELECT: ErrCode.INVALID_SELECT_PROPERTY,
    PROGRESS: ErrCode.INVALID_PROGRESS_PROPERTY,
    REFERENCE: ErrCode.INVALID_REFERENCE_PROPERTY,
    LOCATION: ErrCode.INVALID_LOCATION_PROPERTY,
    AUTONUMBER: ErrCode.INVALID_AUTO_NUMBER_PROPERTY,
    USER: ErrCode.INVALID_USER_PROPERTY,
}
"""What a wrong property answers, by type."""
PROPERTY_ERRORS = (*dict.fromkeys(_CODES.values()), ErrCode.INVALID_FIELD_PROPERTY)


def wrong_property(type_name: str) -> Code:
    """What a wrong property of the type answers."""
    return _CODES.get(type_name, ErrCode.INVALID_FIELD_PROPERTY)


def _bad(type_name: str, why: str) -> Refusal:
    return Refusal(wrong_property(type_name), detail=f"{type_name}: {why}")
