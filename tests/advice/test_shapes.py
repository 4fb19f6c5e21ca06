"""Unknown fields at any depth, over the shapes of all operations, without a server."""

from pydantic import BaseModel

from tests.gateway.bodies import Place, base, places, with_value, without
from tests.gateway.operation_calls import POSTED, each
from wecom_tollbooth.gateway.advice.fields import fields_of, noticed_in
from wecom_tollbooth.gateway.operation import Operation


@each(POSTED)
def test_each_field_of_an_operation_is_known_and_a_misspelt_one_is_told(operation: Operation) -> None:
    body = base(operation)
    old = {field.name for field in operation.old_fields}
    assert list(noticed_in(operation, body)) == []
    for place in places(operation.request_model):
        given = with_value(body, place, "a")
        assert list(noticed_in(operation, given)) == [], place.name
        name = str(place.steps[-1])
        if f"{name}_x" in known_at(operation, place) or name in old:
            continue
        misspelt = Place((*place.steps[:-1], f"{name}_x"), place.info, place.models)
        (one,) = noticed_in(operation, with_value(without(body, place), misspelt, "a"))
        assert (one.code.name, one.field) == ("unknown_field", f"{place.name}_x")
        assert place.name in one.about["meant"], one


def test_a_field_is_told_once_of_many_objects_and_however_long_it_is() -> None:
    operation = next(one for one in POSTED if one.name == "externalcontact/add_corp_tag")
    tags = [{"name": "a", "nam" * 100_000: 1, "b": 1} for _ in range(2_000)]
    found = list(noticed_in(operation, {"group_name": "等级", "tag": tags}))
    assert [one.field for one in found] == [f"tag.{'nam' * 20}", "tag.b"]


def known_at(operation: Operation, place: Place) -> set[str]:
    """The fields of the object that has the field."""
    shape: type[BaseModel] = place.models[-1][1] if place.models else operation.request_model
    return set(fields_of(shape))
