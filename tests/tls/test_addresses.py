"""Addresses in answers follow the scheme and host that the caller used, and can be loaded there."""

import json
import re
import ssl
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act
from tests.families.uploads import media_id
from tests.tls.conftest import Front

NAME = "https://qyapi.weixin.qq.com"
ADDRESS = re.compile(r'https?://[^\s"\\<>]+')


class OverTls:
    """Requests to WeCom's name, through the proxy, as a product makes them."""

    def __init__(self, front: Front, token: str) -> None:
        context = ssl.create_default_context(cafile=str(front.authority.ca_file))
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": f"http://127.0.0.1:{front.proxy_port}"}),
            urllib.request.HTTPSHandler(context=context),
        ).open
        self._token = token

    def call(self, path: str, body: dict[str, Any] | None = None, **params: str) -> dict[str, Any]:
        query = urlencode({"access_token": self._token, **params})
        data = None if body is None else json.dumps(body).encode()
        with self._open(f"{NAME}/cgi-bin/{path}?{query}", data, timeout=10) as answer:
            reply: dict[str, Any] = json.load(answer)
        assert reply["errcode"] == 0, reply
        return reply

    def load(self, address: str) -> tuple[int, str, bytes]:
        with self._open(address, timeout=10) as answer:
            return answer.status, answer.headers["content-type"], answer.read()


@pytest.fixture(scope="module")
def corp(front: Front) -> Corp:
    return front.server.make_corp(seed="demo")


@pytest.fixture(scope="module")
def wecom(corp: Corp) -> WeCom:
    return corp.client()


@pytest.fixture(scope="module")
def product(front: Front, wecom: WeCom) -> OverTls:
    return OverTls(front, wecom.token)


def contact_way(wecom: WeCom, product: OverTls) -> dict[str, Any]:
    picture = media_id(wecom)
    added = wecom.post(
        "externalcontact/add_contact_way",
        type=1,
        scene=2,
        user=["zhangsan"],
        is_temp=True,
        conclusions={"image": {"media_id": picture}},
    )
    assert added["errcode"] == 0, added
    return product.call("externalcontact/get_contact_way", {"config_id": added["config_id"]})


def join_way(wecom: WeCom, product: OverTls) -> dict[str, Any]:
    chat = act(wecom.corp, "member_creates_group", userid="zhangsan")["chat_id"]
    way = {"scene": 2, "chat_id_list": [chat]}
    config_id = wecom.post("externalcontact/groupchat/add_join_way", **way)["config_id"]
    return product.call("externalcontact/groupchat/get_join_way", {"config_id": config_id})


def group_welcome(wecom: WeCom, product: OverTls) -> dict[str, Any]:
    added = wecom.post(
        "externalcontact/group_welcome_template/add", image={"media_id": media_id(wecom)}, notify=0
    )
    return product.call("externalcontact/group_welcome_template/get", {"template_id": added["template_id"]})


def join_code(wecom: WeCom, product: OverTls) -> dict[str, Any]:
    token = wecom.corp.client(wecom.corp.new_app(kind="contacts_sync")).token
    return product.call("corp/get_join_qrcode", access_token=token)


def subscription(_: WeCom, product: OverTls) -> dict[str, Any]:
    return product.call("externalcontact/get_subscribe_qr_code")


GIVERS: list[tuple[Callable[[WeCom, OverTls], dict[str, Any]], int]] = [
    (contact_way, 2),
    (join_way, 1),
    (group_welcome, 1),
    (join_code, 1),
    (subscription, 3),
]
"""Operations, and how many addresses of this server each hands out."""


@pytest.mark.parametrize(("giver", "count"), GIVERS, ids=lambda giver: getattr(giver, "__name__", ""))
def test_what_an_operation_hands_out_can_be_loaded_under_wecoms_name(
    wecom: WeCom, product: OverTls, giver: Callable[[WeCom, OverTls], dict[str, Any]], count: int
) -> None:
    addresses = ADDRESS.findall(json.dumps(giver(wecom, product)))
    assert len(addresses) == count
    for address in addresses:
        assert address.startswith(f"{NAME}/")
        status, content_type, content = product.load(address)
        assert (status, content_type) == (200, "image/png")
        assert content.startswith(b"\x89PNG")


def test_the_page_behind_a_code_shows_an_act_that_the_control_api_takes(
    front: Front, wecom: WeCom, product: OverTls, corp: Corp
) -> None:
    """The control API isn't served under WeCom's names, so the page names the plain port."""
    way = contact_way(wecom, product)["contact_way"]
    page = f"{NAME}/_sim/scan/contact_way/{corp.corpid}/{way['config_id']}"
    status, _, content = product.load(page)
    settings = front.server.settings
    assert status == 200
    assert f"curl -X POST http://127.0.0.1:{settings.port}/_sim/corps/{corp.corpid}/acts" in content.decode()
