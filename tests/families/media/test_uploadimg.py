"""media/uploadimg, and the addresses of its images."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, WeCom
from tests.families.uploads import image_url, jpeg, mp4, png, upload

UPLOADIMG = "media/uploadimg"
MB = 1024 * 1024


def test_the_image_is_served_under_the_address_to_everybody(wecom: WeCom, corp: Corp) -> None:
    url = image_url(wecom, png(5, 5))
    assert url.startswith(f"{corp.server.base_url}/pic_wework/{corp.corpid}/")
    assert url.endswith("/0")
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, png(5, 5))
    assert answer.headers["content-type"] == "image/png"
    part = httpx.get(url, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")


def test_the_address_has_the_host_and_scheme_that_the_caller_used(start_server: Any) -> None:
    server = start_server(trusted_proxies="127.0.0.1")
    wecom = server.make_corp().client()
    wecom.http.headers.update({"X-Forwarded-Host": "qyapi.test:8443", "X-Forwarded-Proto": "https"})
    assert image_url(wecom).startswith("https://qyapi.test:8443/pic_wework/")


def test_two_uploads_of_one_image_have_two_addresses_and_one_file(wecom: WeCom) -> None:
    first, second = image_url(wecom, png(6, 6)), image_url(wecom, png(6, 6))
    assert first != second
    assert httpx.get(second).content == png(6, 6)


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        (b"", 44001),
        (b"\xff\xd8\xff\xe0", 40009),
        (b"GIF89a" + bytes(20), 40004),
        (mp4(), 40004),
        (png()[:-12], 40123),
        (jpeg() + bytes(2 * MB), 40009),
        (png(padding=2 * MB), 40009),
    ],
    ids=["empty", "4 bytes", "gif", "mp4", "cut off", "large jpeg", "large png"],
)
def test_what_is_no_image_of_up_to_2_mb_is_refused(wecom: WeCom, content: bytes, errcode: int) -> None:
    assert upload(wecom, UPLOADIMG, ("a.png", content))["errcode"] == errcode


def test_an_image_of_2_mb_fits(wecom: WeCom) -> None:
    assert image_url(wecom, png(padding=2 * MB - len(png()) - 20))


def test_the_day_and_the_month_have_a_limit(start_server: Any) -> None:
    server = start_server(limit_images_day=2, limit_images_month=3)
    server.sim.post("/clock", json={"set": 1_700_000_000}).raise_for_status()
    wecom = server.make_corp().client()
    other = server.make_corp().client()
    for _ in range(2):
        image_url(wecom)
    assert upload(wecom, UPLOADIMG, ("a.png", png()))["errcode"] == 45009
    image_url(other)
    server.sim.post("/clock", json={"advance_seconds": 86_400}).raise_for_status()
    wecom = wecom.corp.client()
    image_url(wecom)
    assert upload(wecom, UPLOADIMG, ("a.png", png()))["errcode"] == 45009
    server.sim.post("/clock", json={"advance_seconds": 31 * 86_400}).raise_for_status()
    image_url(wecom.corp.client())


@pytest.mark.parametrize("path", ["x/y/0", "ww/%00/0"])
def test_an_unknown_address_answers_404(corp: Corp, path: str) -> None:
    assert httpx.get(f"{corp.server.base_url}/pic_wework/{path}").status_code == 404
