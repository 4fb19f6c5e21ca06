"""The property of each type of field, as in requests and replies.

Source: pages 99904, 99906 and 101157; their codes: page 90313. field_types.py decides which
values a property can have.
"""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column, field_type, wrong_property
from wecom_tollbooth.gateway.shapes import RequestModel, optional


def _of(type_name: str, doc: str = "") -> Any:
    """A member of the property of this type; a value of a wrong type answers the type's code."""
    return optional(invalid=wrong_property(type_name), doc=doc)


class NumberProperty(RequestModel):
    decimal_places: int | None = _of(types.NUMBER, doc="-1 to 4; -1 shows a number as it is")
    use_separate: bool | None = _of(types.NUMBER, doc="separates thousands")


class ProgressProperty(RequestModel):
    decimal_places: int | None = _of(types.PROGRESS, doc="-1 to 4")


class CheckboxProperty(RequestModel):
    checked: bool | None = _of(types.CHECKBOX, doc="checked in new records of the client")


class DateProperty(RequestModel):
    format: str | None = _of(types.DATE_TIME, doc="such as yyyy-mm-dd hh:mm")
    auto_fill: bool | None = _of(types.DATE_TIME, doc="the client fills in the time of creation")


class TimeProperty(RequestModel):
    format: str | None = _of(types.CREATED_TIME)


class AttachmentProperty(RequestModel):
    display_mode: str | None = _of(types.ATTACHMENT, doc="DISPLAY_MODE_LIST or DISPLAY_MODE_GRID")


class UserProperty(RequestModel):
    is_multiple: bool | None = _of(types.USER)
    is_notified: bool | None = _of(types.USER, doc="notifies the users in a cell")


class LinkProperty(RequestModel):
    type: str | None = _of(types.URL, doc="LINK_TYPE_PURE_TEXT or LINK_TYPE_ICON_TEXT")


class OptionGiven(RequestModel):
    id: str | None = _of(types.SELECT, doc="of an existing option; none for a new one")
    text: str | None = _of(types.SELECT)
    style: int | None = _of(types.SELECT, doc="1 to 27")


class SelectProperty(RequestModel):
    is_quick_add: bool | None = _of(types.SELECT, doc="the client can add options while filling in")
    options: list[OptionGiven] | None = _of(
        types.SELECT, doc="all options; options that are not listed are deleted"
    )


class ReferenceProperty(RequestModel):
    sub_id: str | None = _of(types.REFERENCE, doc="the sub-table that is referred to; default: this one")
    filed_id: str | None = _of(types.REFERENCE, doc="the field of it that is shown; this spelling is WeCom's")
    field_id: str | None = _of(types.REFERENCE, doc="the same as filed_id")
    view_id: str | None = _of(types.REFERENCE)
    is_multiple: bool | None = _of(types.REFERENCE)


class LocationProperty(RequestModel):
    input_type: str | None = _of(types.LOCATION, doc="LOCATION_INPUT_TYPE_MANUAL or LOCATION_INPUT_TYPE_AUTO")


class NumberRule(RequestModel):
    type: str | None = _of(types.AUTONUMBER, doc="NUMBER_RULE_TYPE_INCR, …_FIXED_CHAR or …_TIME")
    value: str | None = _of(
        types.AUTONUMBER, doc="the number of digits; the text; YYYYMMDD, YYYYMM, MMDD, YYYY, MM or DD"
    )


class AutoNumberProperty(RequestModel):
    type: str | None = _of(types.AUTONUMBER, doc="NUMBER_TYPE_INCR or NUMBER_TYPE_CUSTOM")
    input_type: str | None = _of(types.AUTONUMBER, doc="the same as type")
    rules: list[NumberRule] | None = _of(types.AUTONUMBER)
    reformat_existing_record: bool | None = _of(types.AUTONUMBER)


class PercentageProperty(RequestModel):
    decimal_places: int | None = _of(types.PERCENTAGE, doc="-1 to 4")
    use_separate: bool | None = _of(types.PERCENTAGE)


class CurrencyProperty(RequestModel):
    decimal_places: int | None = _of(types.CURRENCY, doc="-1 to 4")
    use_separate: bool | None = _of(types.CURRENCY)
    currency_type: str | None = _of(types.CURRENCY, doc="CURRENCY_TYPE_CNY, …")


class GroupChatProperty(RequestModel):
    allow_multiple: bool | None = _of(types.WWGROUP)


class BarcodeProperty(RequestModel):
    mobile_scan_only: bool | None = _of(types.BARCODE)


class Properties(RequestModel):
    """The property objects of all types; only the one of the field's type is used."""

    property_text: RequestModel | None = optional(doc="has no members")
    property_number: NumberProperty | None = _of(types.NUMBER)
    property_checkbox: CheckboxProperty | None = _of(types.CHECKBOX)
    property_date_time: DateProperty | None = _of(types.DATE_TIME)
    property_attachment: AttachmentProperty | None = _of(types.ATTACHMENT)
    property_user: UserProperty | None = _of(types.USER)
    property_url: LinkProperty | None = _of(types.URL)
    property_select: SelectProperty | None = _of(types.SELECT)
    property_created_time: TimeProperty | None = _of(types.CREATED_TIME)
    property_modified_time: TimeProperty | None = _of(types.MODIFIED_TIME)
    property_progress: ProgressProperty | None = _of(types.PROGRESS)
    property_single_select: SelectProperty | None = _of(types.SINGLE_SELECT)
    property_reference: ReferenceProperty | None = _of(types.REFERENCE)
    property_location: LocationProperty | None = _of(types.LOCATION)
    property_auto_number: AutoNumberProperty | None = _of(types.AUTONUMBER)
    property_formula: RequestModel | None = optional(doc="has no published members")
    property_currency: CurrencyProperty | None = _of(types.CURRENCY)
    property_ww_group: GroupChatProperty | None = _of(types.WWGROUP)
    property_percentage: PercentageProperty | None = _of(types.PERCENTAGE)
    property_barcode: BarcodeProperty | None = _of(types.BARCODE)

    def given(self, type_name: str) -> dict[str, Any]:
        """The given members of the property of this type."""
        name = field_type(type_name).property_name
        shape = getattr(self, name) if name else None
        return shape.model_dump(exclude_none=True) if shape is not None else {}


class FieldShape(TypedDict):
    field_id: str
    field_title: str
    field_type: str
    property_text: NotRequired[dict[str, Any]]
    property_number: NotRequired[dict[str, Any]]
    property_checkbox: NotRequired[dict[str, Any]]
    property_date_time: NotRequired[dict[str, Any]]
    property_attachment: NotRequired[dict[str, Any]]
    property_user: NotRequired[dict[str, Any]]
    property_url: NotRequired[dict[str, Any]]
    property_select: NotRequired[dict[str, Any]]
    property_created_time: NotRequired[dict[str, Any]]
    property_modified_time: NotRequired[dict[str, Any]]
    property_progress: NotRequired[dict[str, Any]]
    property_single_select: NotRequired[dict[str, Any]]
    property_reference: NotRequired[dict[str, Any]]
    property_location: NotRequired[dict[str, Any]]
    property_auto_number: NotRequired[dict[str, Any]]
    property_formula: NotRequired[dict[str, Any]]
    property_currency: NotRequired[dict[str, Any]]
    property_ww_group: NotRequired[dict[str, Any]]
    property_percentage: NotRequired[dict[str, Any]]
    property_barcode: NotRequired[dict[str, Any]]


def shape_of(column: Column) -> FieldShape:
    """The field as replies show it."""
    shape: FieldShape = {
        "field_id": column.field_id,
        "field_title": column.title,
        "field_type": column.type,
    }
    name = column.kind.property_name
    if name is not None:
        shape[name] = column.settings  # type: ignore[literal-required]
    return shape
