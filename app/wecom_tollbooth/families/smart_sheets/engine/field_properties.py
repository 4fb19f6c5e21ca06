"""The property of each type of field, as in requests and replies.

Source: pages 99904, 99906 and 101157. field_types.py decides which values a property can have.
"""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.smart_sheets.engine.field_types import Column, field_type
from wecom_tollbooth.gateway.shapes import RequestModel, optional


class NumberProperty(RequestModel):
    decimal_places: int | None = optional(doc="-1 to 4; -1 shows a number as it is")
    use_separate: bool | None = optional(doc="separates thousands")


class ProgressProperty(RequestModel):
    decimal_places: int | None = optional(doc="-1 to 4")


class CheckboxProperty(RequestModel):
    checked: bool | None = optional(doc="checked in new records of the client")


class DateProperty(RequestModel):
    format: str | None = optional(doc="such as yyyy-mm-dd hh:mm")
    auto_fill: bool | None = optional(doc="the client fills in the time of creation")


class TimeProperty(RequestModel):
    format: str | None = optional()


class AttachmentProperty(RequestModel):
    display_mode: str | None = optional(doc="DISPLAY_MODE_LIST or DISPLAY_MODE_GRID")


class UserProperty(RequestModel):
    is_multiple: bool | None = optional()
    is_notified: bool | None = optional(doc="notifies the users in a cell")


class LinkProperty(RequestModel):
    type: str | None = optional(doc="LINK_TYPE_PURE_TEXT or LINK_TYPE_ICON_TEXT")


class OptionGiven(RequestModel):
    id: str | None = optional(doc="of an existing option; none for a new one")
    text: str | None = optional()
    style: int | None = optional(doc="1 to 27")


class SelectProperty(RequestModel):
    is_quick_add: bool | None = optional(doc="the client can add options while filling in")
    options: list[OptionGiven] | None = optional(doc="all options; options that are not listed are deleted")


class ReferenceProperty(RequestModel):
    sub_id: str | None = optional(doc="the sub-table that is referred to; default: this one")
    filed_id: str | None = optional(doc="the field of it that is shown; this spelling is WeCom's")
    field_id: str | None = optional(doc="the same as filed_id")
    view_id: str | None = optional()
    is_multiple: bool | None = optional()


class LocationProperty(RequestModel):
    input_type: str | None = optional(doc="LOCATION_INPUT_TYPE_MANUAL or LOCATION_INPUT_TYPE_AUTO")


class NumberRule(RequestModel):
    type: str | None = optional(doc="NUMBER_RULE_TYPE_INCR, …_FIXED_CHAR or …_TIME")
    value: str | None = optional(doc="the number of digits; the text; YYYYMMDD, YYYYMM, MMDD, YYYY, MM or DD")


class AutoNumberProperty(RequestModel):
    type: str | None = optional(doc="NUMBER_TYPE_INCR or NUMBER_TYPE_CUSTOM")
    input_type: str | None = optional(doc="the same as type")
    rules: list[NumberRule] | None = optional()
    reformat_existing_record: bool | None = optional()


class CurrencyProperty(NumberProperty):
    currency_type: str | None = optional(doc="CURRENCY_TYPE_CNY, …")


class GroupChatProperty(RequestModel):
    allow_multiple: bool | None = optional()


class BarcodeProperty(RequestModel):
    mobile_scan_only: bool | None = optional()


class Properties(RequestModel):
    """The property objects of all types; only the one of the field's type is used."""

    property_text: RequestModel | None = optional(doc="has no members")
    property_number: NumberProperty | None = optional()
    property_checkbox: CheckboxProperty | None = optional()
    property_date_time: DateProperty | None = optional()
    property_attachment: AttachmentProperty | None = optional()
    property_user: UserProperty | None = optional()
    property_url: LinkProperty | None = optional()
    property_select: SelectProperty | None = optional()
    property_created_time: TimeProperty | None = optional()
    property_modified_time: TimeProperty | None = optional()
    property_progress: ProgressProperty | None = optional()
    property_single_select: SelectProperty | None = optional()
    property_reference: ReferenceProperty | None = optional()
    property_location: LocationProperty | None = optional()
    property_auto_number: AutoNumberProperty | None = optional()
    property_currency: CurrencyProperty | None = optional()
    property_ww_group: GroupChatProperty | None = optional()
    property_percentage: NumberProperty | None = optional()
    property_barcode: BarcodeProperty | None = optional()

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
