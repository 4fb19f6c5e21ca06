"""学校通知: the QR code that parents scan, and the mode that permits it."""

import struct
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.world import qr

QR_CODE = "externalcontact/get_subscribe_qr_code"
SET_MODE, GET_MODE = "externalcontact/set_subscribe_mode", "externalcontact/get_subscribe_mode"


def side_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_qr_code_is_a_real_image_in_three_sizes(wecom: WeCom) -> None:
    reply = wecom.get(QR_CODE)
    assert reply["errcode"] == 0
    for field, side in (("qrcode_big", 1200), ("qrcode_middle", 430), ("qrcode_thumb", 258)):
        answer = httpx.get(reply[field])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert side_of(answer.content) == (side, side)
    assert wecom.get(QR_CODE) == reply


def test_every_school_has_its_own_qr_code(server: RunningServer, wecom: WeCom) -> None:
    other = server.make_corp(seed="empty").client()
    assert other.get(QR_CODE)["qrcode_big"] != wecom.get(QR_CODE)["qrcode_big"]


def test_the_image_url_uses_the_address_of_the_call(corp: Corp, wecom: WeCom) -> None:
    reply = wecom.http.get(
        QR_CODE, params={"access_token": wecom.token}, headers={"Host": "sim.example:8443"}
    ).json()
    assert reply["qrcode_thumb"].startswith("http://sim.example:8443/_sim/qr/258/")
    assert wecom.get(QR_CODE)["qrcode_thumb"].startswith(f"{corp.server.base_url}/_sim/qr/258/")


def test_the_image_needs_no_admin_token(start_server: Any) -> None:
    server = start_server(admin_token="secret")
    address = qr.address(server.base_url, "https://work.weixin.qq.com/", 258)
    assert httpx.get(address).status_code == 200
    assert httpx.get(f"{server.base_url}/_sim/corps").status_code == 401


@pytest.mark.parametrize(
    "path", ["258/%E4%B8%AD.png", "258/_w.png", "63/YQ.png", "2053/YQ.png", "64/" + "YWFh" * 100 + ".png"]
)
def test_an_unknown_image_address_answers_404(server: RunningServer, path: str) -> None:
    answer = httpx.get(f"{server.base_url}/_sim/qr/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_a_text_too_long_for_a_qr_code_is_refused() -> None:
    assert qr.text_of(qr.address("", "客户", 258).rpartition("/")[2].removesuffix(".png"), "") == "客户"
    with pytest.raises(ValueError, match="too long"):
        qr.png("a" * 3000, 2048)


def test_parents_may_subscribe_until_the_school_forbids_it(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get(GET_MODE)["subscribe_mode"] == 1
    for mode in (2, 1, 2):
        assert wecom.post(SET_MODE, subscribe_mode=mode)["errcode"] == 0
        assert corp.client(corp.apps[1]).get(GET_MODE)["subscribe_mode"] == mode


@pytest.mark.parametrize("mode", [0, 3, -1, None, "x"])
def test_an_unknown_mode_answers_65001(wecom: WeCom, mode: Any) -> None:
    assert wecom.post(SET_MODE, subscribe_mode=mode)["errcode"] == 65001
    assert wecom.get(GET_MODE)["subscribe_mode"] == 1


def test_an_unverified_corp_answers_43009(start_server: Any) -> None:
    wecom = start_server(corp_verified=False).make_corp().client()
    assert wecom.get(QR_CODE)["errcode"] == 43009
    assert wecom.get(GET_MODE)["errcode"] == 43009
    assert wecom.post(SET_MODE, subscribe_mode=1)["errcode"] == 43009


def test_only_listed_self_built_apps_may_call(corp: Corp) -> None:
    for kind in ("self_built_unlisted", "contacts_sync", "customer_contact"):
        assert corp.client(corp.app_of_kind(kind)).get(GET_MODE)["errcode"] == 48002
