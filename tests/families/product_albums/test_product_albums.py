"""商品图册: products, their list, and refusals."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom


def image(media_id: str = "2iYq_6-kq0") -> dict[str, Any]:
    return {"type": "image", "image": {"media_id": media_id}}


def add(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    wanted = {"description": "冰美式", "price": 1500, "product_sn": "SN001", "attachments": [image()]}
    return wecom.post("externalcontact/add_product_album", {**wanted, **fields})


def added(wecom: WeCom, **fields: Any) -> str:
    reply = add(wecom, **fields)
    assert reply["errcode"] == 0, reply
    assert isinstance(reply["product_id"], str)
    return str(reply["product_id"])


def get(wecom: WeCom, product_id: str) -> dict[str, Any]:
    reply = wecom.post("externalcontact/get_product_album", product_id=product_id)
    assert reply["errcode"] == 0, reply
    return dict(reply["product"])


def update(wecom: WeCom, product_id: str, **fields: Any) -> int:
    reply = wecom.post("externalcontact/update_product_album", {"product_id": product_id, **fields})
    return int(reply["errcode"])


def test_a_product_is_shown_as_it_was_created(wecom: WeCom) -> None:
    attachments = [image("a"), image("b")]
    product_id = added(wecom, attachments=attachments)
    product = get(wecom, product_id)
    assert isinstance(product.pop("create_time"), int)
    expected = {
        "product_id": product_id,
        "description": "冰美式",
        "price": 1500,
        "product_sn": "SN001",
        "attachments": attachments,
    }
    assert product == expected
    assert wecom.post("externalcontact/get_product_album_list")["product_list"] == [expected]


def test_a_product_without_product_sn_omits_it(wecom: WeCom) -> None:
    for nothing in (None, ""):
        assert "product_sn" not in get(wecom, added(wecom, product_sn=nothing))


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"description": ""}, 41087),
        ({"description": None}, 41087),
        ({"description": "长" * 301}, 41073),
        ({"price": None}, 41086),
        ({"price": -1}, 41086),
        ({"price": 5_000_001}, 41086),
        ({"product_sn": "a" * 129}, 41085),
        ({"product_sn": "编号"}, 41085),
        ({"product_sn": "a-1"}, 41085),
        ({"attachments": []}, 41088),
        ({"attachments": None}, 41088),
        ({"attachments": [image()] * 10}, 41064),
        ({"attachments": [{"type": "video", "image": {"media_id": "x"}}]}, 41065),
        ({"attachments": [{"image": {"media_id": "x"}}]}, 41065),
        ({"attachments": [{"type": "image"}]}, 40007),
        ({"attachments": [image("")]}, 40007),
        ({"attachments": [image("没有")]}, 40007),
    ],
)
def test_invalid_products_are_refused(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    assert add(wecom, **fields)["errcode"] == errcode
    product_id = added(wecom)
    before = get(wecom, product_id)
    ((name, value),) = fields.items()
    unset = value is None or (name == "description" and not value)
    assert update(wecom, product_id, **fields) == (0 if unset else errcode)
    assert get(wecom, product_id) == before


def test_the_largest_allowed_values_are_accepted(wecom: WeCom) -> None:
    most = {
        "description": "长" * 300,
        "price": 5_000_000,
        "product_sn": "a" * 128,
        "attachments": [image(f"m{number}") for number in range(9)],
    }
    product = get(wecom, added(wecom, **most))
    assert {name: product[name] for name in most} == most
    assert get(wecom, added(wecom, price=0))["price"] == 0


def test_an_update_changes_only_the_given_fields(wecom: WeCom) -> None:
    product_id = added(wecom)
    before = get(wecom, product_id)
    assert update(wecom, product_id) == 0
    assert get(wecom, product_id) == before
    assert update(wecom, product_id, price=1800) == 0
    assert get(wecom, product_id) == {**before, "price": 1800}
    new = {"description": "热拿铁", "product_sn": "SN002", "attachments": [image("b"), image("c")]}
    assert update(wecom, product_id, **new) == 0
    assert get(wecom, product_id) == {**before, "price": 1800, **new}


def test_the_list_is_paged_in_order_of_creation(wecom: WeCom) -> None:
    made = [added(wecom, description=f"商品{number}") for number in range(52)]
    path = "externalcontact/get_product_album_list"

    def pages(limit: int | None) -> list[list[str]]:
        found: list[list[str]] = []
        cursor = ""
        while cursor or not found:
            reply = wecom.post(path, limit=limit, cursor=cursor)
            assert "create_time" not in reply["product_list"][0]
            found.append([product["product_id"] for product in reply["product_list"]])
            cursor = reply["next_cursor"]
        assert [product_id for page in found for product_id in page] == made
        return found

    for limit, sizes in ((20, [20, 20, 12]), (None, [50, 2]), (101, [50, 2]), (100, [52]), (26, [26, 26])):
        assert [len(page) for page in pages(limit)] == sizes
    refused = wecom.post(path, cursor="CURSOR")
    assert (refused["errcode"], refused["product_list"]) == (50100, [])


def test_unknown_and_deleted_products_answer_different_codes(wecom: WeCom) -> None:
    product_id = added(wecom)
    assert wecom.post("externalcontact/delete_product_album", product_id=product_id)["errcode"] == 0
    assert wecom.post("externalcontact/get_product_album_list")["product_list"] == []
    for operation in ("get_product_album", "update_product_album", "delete_product_album"):
        path = f"externalcontact/{operation}"
        assert wecom.post(path, product_id=product_id)["errcode"] == 41074
        assert wecom.post(path, product_id="unknown")["errcode"] == 41075
        assert wecom.post(path)["errcode"] == 40063


def test_another_app_can_read_but_not_change_a_product(corp: Corp, wecom: WeCom) -> None:
    product_id = added(wecom)
    other = corp.client(corp.apps[1])
    assert get(other, product_id) == get(wecom, product_id)
    assert len(other.post("externalcontact/get_product_album_list")["product_list"]) == 1
    assert update(other, product_id, price=1) == 60011
    assert other.post("externalcontact/delete_product_album", product_id=product_id)["errcode"] == 60011
    assert get(wecom, product_id)["price"] == 1500


def test_a_product_belongs_to_one_corp(server: Any, wecom: WeCom) -> None:
    stranger = server.make_corp(seed="demo").client()
    product_id = added(wecom)
    assert stranger.post("externalcontact/get_product_album", product_id=product_id)["errcode"] == 41075
    assert stranger.post("externalcontact/get_product_album_list")["product_list"] == []
