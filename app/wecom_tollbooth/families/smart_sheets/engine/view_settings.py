"""The settings of views: their shapes, and their values without deleted fields. Pure, without a database.

Source: pages 99902 and 101155.
"""

from typing import Any

from wecom_tollbooth.families.smart_sheets.engine.filters import (
    CONDITIONS_AT_MOST,
    SORTS_AT_MOST,
    Condition,
    FilterSpec,
    SortKey,
)
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.shapes import RequestModel, optional

COLOR_SCOPES = tuple(f"VIEW_COLOR_CONDITION_TYPE_{scope}" for scope in ("ROW", "COLUMN", "CELL"))
COLORS = frozenset(f"fillColorGray_{depth}" for depth in (3, 4, 5)) | frozenset(
    f"{color}Lighten_{depth}"
    for color in (
        *("accentBlue", "chromeCyan", "chromeMint", "chromeRed"),
        *("chromeOrange", "chromeAmber", "chromeViolet", "chromePink"),
    )
    for depth in (3, 4, 5)
)
NEW_PROPERTY: dict[str, Any] = {
    "auto_sort": False,
    "is_field_stat_enabled": False,
    "field_visibility": {},
    "frozen_field_count": 0,
}


class SortSpec(RequestModel):
    sort_infos: list[SortKey] | None = optional(max_items=SORTS_AT_MOST)


class GroupKey(RequestModel):
    field_id: str | None = optional()
    desc: bool | None = optional()


class GroupSpec(RequestModel):
    groups: list[GroupKey] | None = optional(max_items=SORTS_AT_MOST)


class ColorCondition(RequestModel):
    id: str | None = optional(doc="of an existing colouring; none for a new one")
    type: str | None = optional(doc="VIEW_COLOR_CONDITION_TYPE_ROW, _COLUMN or _CELL")
    color: str | None = optional(doc="such as chromeAmberLighten_5")
    condition: Condition | None = optional()


class ColorConfig(RequestModel):
    conditions: list[ColorCondition] | None = optional(max_items=CONDITIONS_AT_MOST)


class ViewProperty(RequestModel):
    auto_sort: bool | None = optional(doc="sort again after every change")
    sort_spec: SortSpec | None = optional()
    group_spec: GroupSpec | None = optional()
    filter_spec: FilterSpec | None = optional()
    is_field_stat_enabled: bool | None = optional()
    field_visibility: dict[str, bool] | None = optional(doc="by field id, whether the field is shown")
    frozen_field_count: int | None = optional(doc="counted from the first field")
    color_config: ColorConfig | None = optional()


def hidden_fields(view: Any) -> set[str]:
    """The ids of the fields that the view does not show."""
    visibility: dict[str, bool] = view.property.get("field_visibility", {})
    return {field_id for field_id, visible in visibility.items() if not visible}


def settings_of(view: Any, sheet: Sheet) -> dict[str, Any]:
    """The view's settings, without deleted fields."""
    settings = {**NEW_PROPERTY, **view.property}
    there = {column.field_id for column in sheet.columns}
    for name, part in (("sort_spec", "sort_infos"), ("group_spec", "groups"), ("filter_spec", "conditions")):
        if settings.get(name, {}).get(part):
            kept = [one for one in settings[name][part] if one["field_id"] in there]
            settings[name] = {**settings[name], part: kept}
    if settings.get("color_config", {}).get("conditions"):
        colors = settings["color_config"]["conditions"]
        kept = [one for one in colors if one.get("condition", {}).get("field_id") in {None, *there}]
        settings["color_config"] = {"conditions": kept}
    visibility = settings["field_visibility"]
    settings["field_visibility"] = {id_: shown for id_, shown in visibility.items() if id_ in there}
    settings["frozen_field_count"] = min(settings["frozen_field_count"], len(there))
    return settings


def filter_of(view: Any, sheet: Sheet) -> FilterSpec | None:
    spec = settings_of(view, sheet).get("filter_spec")
    return FilterSpec.model_validate(spec) if spec else None


def sort_of(view: Any, sheet: Sheet) -> list[SortKey]:
    keys = settings_of(view, sheet).get("sort_spec", {}).get("sort_infos", [])
    return [SortKey.model_validate(key) for key in keys]
