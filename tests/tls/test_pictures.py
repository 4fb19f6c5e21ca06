"""The pictures that are served under the platform's addresses."""

import struct

import httpx
import pytest

from tests.callbacks.steps import act
from tests.conftest import Corp
from wecom_tollbooth.world import avatars


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_the_avatar_of_a_customer_is_a_picture_that_any_page_may_load(corp: Corp) -> None:
    external_userid = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    shown = corp.client().get("externalcontact/get", external_userid=external_userid)
    avatar = shown["external_contact"]["avatar"]
    assert avatar.startswith("https://wx.qlogo.cn/mmhead/")
    answer = httpx.get(corp.server.base_url + avatar.removeprefix("https://wx.qlogo.cn"))
    assert (answer.headers["content-type"], size_of(answer.content)) == ("image/png", (640, 640))
    assert answer.headers["access-control-allow-origin"] == "*"
    for size in ("1", "x", "0641"):
        assert httpx.get(f"{corp.server.base_url}/mmhead/a/{size}").status_code == 404


@pytest.mark.parametrize("size", avatars.SIZES)
def test_an_avatar_has_the_size_that_its_address_ends_with(size: int) -> None:
    side = avatars.SIZES[size]
    assert size_of(avatars.avatar("someone", size)) == (side, side)
    assert avatars.avatar("someone", size) == avatars.avatar("someone", size)


def test_people_have_avatars_of_different_colours() -> None:
    assert len({avatars.avatar(f"person {number}", 46) for number in range(50)}) == len(avatars.COLOURS)
