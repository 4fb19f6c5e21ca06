"""media/upload_attachment, and recordings of the JS-SDK."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error
from tests.families.uploads import download, jpeg, media_id, mp4, png, upload

MB = 1024 * 1024
OPERATION = "media/upload_attachment"


def attach(wecom: WeCom, media_type: str, attachment_type: Any, content: bytes) -> dict[str, Any]:
    return upload(
        wecom, OPERATION, ("附件.bin", content), media_type=media_type, attachment_type=attachment_type
    )


@pytest.mark.parametrize(
    ("media_type", "attachment_type", "content"),
    [
        ("image", 1, png()),
        ("image", 1, png(10_800, 1_080)),
        ("image", 1, jpeg(1_080, 10_800)),
        ("video", 1, mp4(30)),
        ("image", 2, png(20_000, 20_000)),
        ("video", 2, mp4(600)),
        ("file", 2, b"123456"),
    ],
    ids=lambda value: f"{len(value)}B" if isinstance(value, bytes) else str(value),
)
def test_a_fitting_file_gets_a_media_id(
    wecom: WeCom, media_type: str, attachment_type: int, content: bytes
) -> None:
    reply = attach(wecom, media_type, attachment_type, content)
    assert reply["errcode"] == 0
    assert reply["type"] == media_type
    assert isinstance(reply["created_at"], int), "a number, as the page has it"
    assert download(wecom, reply["media_id"]).content == content


@pytest.mark.parametrize(
    ("media_type", "attachment_type", "content", "errcode"),
    [
        ("voice", 1, png(), 40005),
        ("image", 3, png(), 40058),
        ("image", 0, png(), 40058),
        ("file", 1, png(), 41072),
        ("image", 1, png(10_801, 2), 41081),
        ("image", 1, png(1_081, 1_081), 41081),
        ("video", 1, mp4(31), 41082),
        ("video", 1, mp4()[:-1], 41090),
        ("video", 2, mp4()[:24], 41090),
        ("video", 2, png(), 40004),
        ("image", 2, mp4(), 40004),
        ("image", 2, png()[:-12], 40123),
        ("file", 2, b"12345", 40006),
        ("file", 2, b"", 44001),
        ("image", 2, png(padding=10 * MB), 41080),
        ("video", 2, mp4(padding=10 * MB), 41080),
        ("file", 2, bytes(10 * MB + 1), 41080),
        ("file", 2, bytes(20 * MB + 1), 45001),
    ],
    ids=lambda value: f"{len(value)}B" if isinstance(value, bytes) else str(value),
)
def test_what_does_not_fit_is_refused(
    wecom: WeCom, media_type: str, attachment_type: int, content: bytes, errcode: int
) -> None:
    assert attach(wecom, media_type, attachment_type, content)["errcode"] == errcode


def test_a_recording_is_amr_for_get_and_speex_for_get_jssdk(corp: Corp, wecom: WeCom) -> None:
    recorded = act(corp, "member_records_voice", userid="zhangsan", seconds=2)["media_id"]
    assert download(wecom, recorded).content.startswith(b"#!AMR\n")
    params = {"access_token": wecom.token, "media_id": recorded}
    answer = wecom.http.get("media/get/jssdk", params=params)
    assert answer.headers["content-type"] == "voice/speex"
    assert len(answer.content) == 100 * 60
    part = wecom.http.get("media/get/jssdk", params=params, headers={"Range": "bytes=0-59"})
    assert (part.status_code, len(part.content)) == (206, 60)


def test_get_jssdk_takes_recordings_only(corp: Corp, wecom: WeCom) -> None:
    assert wecom.get("media/get/jssdk", media_id=media_id(wecom, "voice"))["errcode"] == 40007
    assert wecom.get("media/get/jssdk", media_id="unknown")["errcode"] == 40007
    assert wecom.get("media/get/jssdk")["errcode"] == 41006
    assert "nobody" in act_error(corp, "member_records_voice", userid="nobody")
