"""media/get: the file, its headers, and parts of it."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.uploads import download, files_of, media_id, png
from wecom_tollbooth.db import run_slices
from wecom_tollbooth.families.media import downloads
from wecom_tollbooth.families.media.files_in_use import removing_dropped

CONTENT = bytes(range(200))


@pytest.fixture
def uploaded(wecom: WeCom) -> str:
    return media_id(wecom, "file", CONTENT)


def test_the_whole_file_has_the_headers_of_the_page(wecom: WeCom, uploaded: str) -> None:
    answer = download(wecom, uploaded)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == "200"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-cache, must-revalidate"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-range" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes 0-99", 0, 100),
        ("bytes=100-", 100, 200),
        ("bytes=-1", 199, 200),
        ("bytes=-500", 0, 200),
        ("bytes=199-100000", 199, 200),
        ("Bytes = 5 - 5", 5, 6),
    ],
)
def test_a_range_answers_206(wecom: WeCom, uploaded: str, asked: str, start: int, end: int) -> None:
    answer = download(wecom, uploaded, {"Range": asked})
    assert answer.status_code == 206
    assert answer.content == CONTENT[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/200"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=200-", "bytes=300-400", "bytes=-0"])
def test_a_range_outside_of_the_file_answers_416(wecom: WeCom, uploaded: str, asked: str) -> None:
    answer = download(wecom, uploaded, {"Range": asked})
    assert answer.status_code == 416
    assert answer.content == b""
    assert answer.headers["content-range"] == "bytes */200"
    assert wecom.corp.sim("calls")["calls"][0]["answer"]["http_status"] == 416


@pytest.mark.parametrize("asked", ["bytes=5-4", "bytes=-", "items=0-1", "bytes=0-1,5-6", "bytes=a-b", "x"])
def test_what_is_no_single_range_answers_the_whole_file(wecom: WeCom, uploaded: str, asked: str) -> None:
    answer = download(wecom, uploaded, {"Range": asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_condition_on_the_range_counts_as_no_range(wecom: WeCom, uploaded: str) -> None:
    answer = download(wecom, uploaded, {"Range": "bytes=0-1", "If-Range": '"abc"'})
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_an_unknown_media_id_answers_40007_and_an_empty_one_41006(wecom: WeCom) -> None:
    assert wecom.get("media/get", media_id="nothing")["errcode"] == 40007
    assert wecom.get("media/get")["errcode"] == 41006


def test_a_file_that_is_gone_answers_40007(wecom: WeCom, uploaded: str) -> None:
    files = wecom.corp.server.server.files
    for sha256 in list(files.names()):
        if files.place(sha256).read_bytes() == CONTENT:
            files.remove(sha256)
    assert wecom.get("media/get", media_id=uploaded)["errcode"] == 40007


def test_after_three_days_the_media_id_and_the_file_are_gone(start_server: Any) -> None:
    server = start_server()
    wecom = server.make_corp().client()
    uploaded = media_id(wecom, "image", png(3, 3))
    server.sim.post("/clock", json={"freeze": True}).raise_for_status()
    server.sim.post("/clock", json={"advance_seconds": 3 * 86_400 - 60}).raise_for_status()
    wecom = wecom.corp.client()
    assert download(wecom, uploaded).content == png(3, 3)
    server.sim.post("/clock", json={"advance_seconds": 60}).raise_for_status()
    assert wecom.get("media/get", media_id=uploaded)["errcode"] == 40007
    run_slices(server.server.database, removing_dropped(server.server.files))
    assert files_of(wecom) == set()


def test_a_large_file_is_downloaded_in_parts(
    wecom: WeCom, uploaded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "PART_MOST", 100)
    assert download(wecom, uploaded).json()["errcode"] == 830002
    assert download(wecom, uploaded, {"Range": "bytes=0-100"}).json()["errcode"] == 830002
    parts = [download(wecom, uploaded, {"Range": f"bytes={start}-{start + 99}"}) for start in (0, 100)]
    assert b"".join(part.content for part in parts) == CONTENT
