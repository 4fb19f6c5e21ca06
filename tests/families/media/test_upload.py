"""media/upload: kinds, sizes, and bodies as SDKs write them."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.conftest import Corp, WeCom
from tests.families.uploads import (
    SAMPLES,
    amr,
    download,
    files_of,
    jpeg,
    media_id,
    mp4,
    png,
    raw,
    upload,
)

MB = 1024 * 1024
UPLOAD = "media/upload"


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_type_is_uploaded_and_comes_back_as_it_was(wecom: WeCom, kind: str) -> None:
    name, content = SAMPLES[kind]
    reply = upload(wecom, UPLOAD, (name, content), type=kind)
    assert reply["errcode"] == 0
    assert reply["type"] == kind
    assert isinstance(reply["created_at"], str), "a text, as the page has it"
    answer = download(wecom, reply["media_id"])
    assert answer.content == content
    assert answer.headers["error-code"] == "0"


def test_apps_of_one_corp_share_a_media_id_and_other_corps_do_not(wecom: WeCom, corp: Corp) -> None:
    uploaded = media_id(wecom)
    assert download(corp.client(corp.apps[1]), uploaded).content == png()
    stranger = corp.server.make_corp()
    assert download(stranger.client(), uploaded).json()["errcode"] == 40007


def test_the_content_counts_not_the_name_or_content_type(wecom: WeCom) -> None:
    assert upload(wecom, UPLOAD, ("a.txt", jpeg(), "text/plain"), type="image")["errcode"] == 0
    answer = download(wecom, media_id(wecom, "image", jpeg()))
    assert answer.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("image", b"GIF89a" + bytes(20), 40004),
        ("image", mp4(), 40004),
        ("image", png()[:-12], 40123),
        ("image", png(0, 0), 40123),
        ("image", jpeg()[:-2], 40123),
        ("image", b"\xff\xd8\xff\xe0" + bytes(40), 40123),
        ("voice", b"ID3" + bytes(40), 301017),
        ("voice", amr(0), 301016),
        ("voice", amr()[:-3], 301016),
        ("voice", amr(60.5), 45007),
        ("voice", amr(60) + bytes(2 * MB), 45001),
        ("video", png(), 40004),
        ("video", mp4(padding=10 * MB), 40011),
        ("image", png(padding=10 * MB), 40009),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("image", b"\xff", 40006),
        ("file", bytes(20 * MB + 1), 45001),
        ("audio", amr(), 40005),
        ("", amr(), 40005),
    ],
    ids=lambda value: f"{len(value)}B" if isinstance(value, bytes) else str(value),
)
def test_what_does_not_fit_its_type_is_refused(wecom: WeCom, kind: str, content: bytes, errcode: int) -> None:
    before = files_of(wecom)
    assert upload(wecom, UPLOAD, ("f.bin", content), type=kind)["errcode"] == errcode
    assert files_of(wecom) == before


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", png(padding=10 * MB - len(png()) - 20)),
        ("voice", amr(60)),
        ("voice", b"#!AMR-WB\n" + (b"\x04" + bytes(17)) * 50),
        ("file", b"123456"),
        ("file", bytes(20 * MB)),
    ],
    ids=lambda value: f"{len(value)}B" if isinstance(value, bytes) else value,
)
def test_the_largest_and_smallest_files_fit(wecom: WeCom, kind: str, content: bytes) -> None:
    uploaded = media_id(wecom, kind, content)
    answer = download(wecom, uploaded)
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(content).digest()


# --- bodies ----------------------------------------------------------------------------------------------


def part(disposition: bytes, content: bytes = b"some text", more: bytes = b"") -> bytes:
    head = b"--sep\r\nContent-Disposition: form-data; " + disposition + b"\r\n" + more
    return head + b"\r\n" + content + b"\r\n"


NAMES = {
    "the page's own": (b'name="media";filename="wework.txt"; filelength=6', "wework.txt"),
    "Chinese in UTF-8": ('name="media"; filename="报价单.txt"'.encode(), "报价单.txt"),
    "Chinese in GB18030": ('name="media"; filename="报价单.txt"'.encode("gb18030"), "报价单.txt"),
    "RFC 5987": (b"name=\"media\"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.txt", "报价.txt"),
    "both": (b'name="media"; filename="x.txt"; filename*=utf-8\'\'%E6%8A%A5.txt', "报.txt"),
    "a quote in it": (b'name="media"; filename="a\\"b.txt"', "a_b.txt"),
    "a Windows path": (b'name="media"; filename="C:\\files\\a.txt"', "a.txt"),
    "a path": (b'name="media"; filename="../../etc/passwd"', "passwd"),
    "another field": (b'name="fieldNameHere"; filename="a.txt"', "a.txt"),
    "no quotes": (b"name=media; filename=a.txt", "a.txt"),
    "no field": (b'filename="a.txt"', "a.txt"),
    "no name": (b'name="media"', None),
    "an empty name": (b'name="media"; filename=""', None),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_are_read_however_an_sdk_writes_them(wecom: WeCom, case: str) -> None:
    disposition, name = NAMES[case]
    body = part(disposition) + b"--sep--\r\n"
    reply = raw(wecom, UPLOAD, body, "multipart/form-data; boundary=sep", type="file").json()
    assert reply["errcode"] == 0, reply
    answer = download(wecom, reply["media_id"])
    assert answer.content == b"some text"
    shown = answer.headers["content-disposition"]
    assert shown.startswith(f'attachment; filename="{name or reply["media_id"]}"')


def test_a_chunked_body_in_small_pieces_is_read(wecom: WeCom) -> None:
    body = part(b'name="media"; filename="a.txt"', bytes(range(256)) * 40) + b"--sep--\r\n"

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 97):
            yield body[start : start + 97]

    reply = raw(wecom, UPLOAD, pieces(), "multipart/form-data; boundary=sep", type="file").json()
    assert download(wecom, reply["media_id"]).content == bytes(range(256)) * 40


@pytest.mark.parametrize("content_type", [None, "image/png", "application/json", "multipart/form-data;"])
def test_a_boundary_that_only_the_body_shows_counts(wecom: WeCom, content_type: str | None) -> None:
    body = part(b'name="media"; filename="a.txt"') + b"--sep--\r\n"
    assert raw(wecom, UPLOAD, body, content_type, type="file").json()["errcode"] == 0


def test_fields_of_the_form_beside_the_file_are_passed_over(wecom: WeCom) -> None:
    body = part(b'name="type"', b"image") + part(b'name="file"; filename="a.txt"') + b"--sep--\r\n"
    reply = raw(wecom, UPLOAD, body, "multipart/form-data; boundary=sep", type="file").json()
    assert download(wecom, reply["media_id"]).content == b"some text"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b'{"media": "abc"}', "application/json"),
        (b"\x89PNG" + bytes(1000), "image/png"),
        (part(b'name="type"', b"image") + b"--sep--\r\n", "multipart/form-data; boundary=sep"),
        (part(b'name="media"; filename="a.txt"'), "multipart/form-data; boundary=sep"),
        (part(b'name="media"; filename="a.txt"')[:-4], "multipart/form-data; boundary=sep"),
        (b"--other\r\n\r\nx", "multipart/form-data; boundary=sep"),
        (b"--sep\r\nContent-Disposition: " + b"x" * 20_000, "multipart/form-data; boundary=sep"),
        (part(b'name="media"; filename="a.txt"'), "multipart/form-data; boundary=" + "s" * 1000),
    ],
    ids=[
        "empty",
        "json",
        "bare file",
        "no file",
        "no end",
        "cut off",
        "foreign",
        "long header",
        "long boundary",
    ],
)
def test_a_body_without_a_whole_file_answers_44001(
    wecom: WeCom, body: bytes, content_type: str | None
) -> None:
    before = files_of(wecom)
    answer = raw(wecom, UPLOAD, body, content_type, type="file")
    assert answer.json()["errcode"] == 44001
    assert files_of(wecom) == before
    temporary = wecom.corp.server.server.files.path / "incoming"
    assert not temporary.exists() or not list(temporary.iterdir())


def test_the_journal_notes_the_file_in_place_of_the_body(wecom: WeCom, corp: Corp) -> None:
    upload(wecom, UPLOAD, ("报价单.txt", b"secret content"), type="file")
    journaled = corp.sim("calls")["calls"][0]["request"]
    digest = hashlib.sha256(b"secret content").hexdigest()
    assert journaled["body"] == f"[multipart media=报价单.txt text/plain, 14 bytes, sha256 {digest}]"
    assert "type=file" in journaled["query"]


def test_a_refused_token_leaves_nothing(wecom: WeCom) -> None:
    before = files_of(wecom)
    answer = wecom.http.post(UPLOAD, params={"access_token": "x", "type": "file"}, files={"media": b"123456"})
    assert answer.json()["errcode"] == 40014
    assert files_of(wecom) == before
