"""media/upload_by_url, its job, and what becomes of it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.media.file_server import FileServer
from tests.families.uploads import download, files_of, mp4

MB = 1024 * 1024
RESULT = "media/get_upload_by_url_result"


@pytest.fixture
def source() -> Iterator[FileServer]:
    serving = FileServer(mp4(padding=3 * MB))
    yield serving
    serving.close()


def submit(wecom: WeCom, source: FileServer, **fields: Any) -> str:
    given = {"scene": 1, "type": "video", "filename": "视频.mp4", "url": source.url, "md5": source.md5}
    reply = wecom.post("media/upload_by_url", {**given, **fields})
    assert reply["errcode"] == 0, reply
    return str(reply["jobid"])


def result(wecom: WeCom, jobid: str) -> dict[str, Any]:
    """The reply once the job has ended."""
    deadline = time.monotonic() + 20
    while (reply := wecom.post(RESULT, jobid=jobid))["status"] == 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return reply


def test_the_file_is_fetched_in_parts_and_has_a_media_id(wecom: WeCom, source: FileServer) -> None:
    jobid = submit(wecom, source, md5=source.md5.upper())
    reply = result(wecom, jobid)
    assert reply["status"] == 2
    assert reply["detail"]["errcode"] == 0
    assert reply["detail"]["media_id"].startswith("3*1*")
    assert reply["detail"]["created_at"].isdigit()
    assert len(source.asked) == 13, "of a quarter of a megabyte each"
    assert source.connections == 1
    answer = download(wecom, reply["detail"]["media_id"])
    assert answer.content == source.content
    assert 'filename="视频.mp4"' in answer.headers["content-disposition"]


def test_while_it_is_fetched_the_status_is_1(wecom: WeCom, source: FileServer) -> None:
    source.may_answer.clear()
    jobid = submit(wecom, source)
    assert wecom.post(RESULT, jobid=jobid) == {
        "errcode": 0,
        "errmsg": "ok",
        "status": 1,
        "detail": {"errcode": 0, "errmsg": "ok"},
    }
    source.may_answer.set()
    assert result(wecom, jobid)["status"] == 2


def test_the_app_that_asked_gets_the_event(corp: Corp, wecom: WeCom, source: FileServer) -> None:
    jobid = submit(wecom, source)
    result(wecom, jobid)
    sent = corp.sim("callbacks")["callbacks"]
    assert [(one["agentid"], one["event"]) for one in sent] == [(wecom.agentid, "upload_media_job_finish")]
    assert f"<JobId><![CDATA[{jobid}]]></JobId></xml>" in sent[0]["xml"]
    assert "<FromUserName><![CDATA[sys]]>" in sent[0]["xml"]


def broken(source: FileServer, how: str) -> dict[str, Any]:
    """Breaks the source; returns the fields of the request that belong to it."""
    match how:
        case "no ranges":
            source.serves_ranges = False
        case "foreign range":
            source.content_range = "bytes 5-9/100"
        case "no size":
            source.content_range = "bytes 0-1/*"
        case "404":
            source.status = 404
        case "redirect":
            source.status = 302
        case "cut off":
            source.cut_off = True
        case "too large":
            source.size = 200 * MB + 1
        case "too small":
            source.content, source.size = b"12345", 5
        case "empty":
            source.content, source.size = b"", 0
        case "md5":
            return {"md5": "0" * 32}
        case "no mp4":
            source.content = b"x" * 100
            source.size = 100
            return {"md5": source.md5}
        case "no host":
            return {"url": "https://"}
        case "no url":
            return {"url": "ftp://127.0.0.1/a"}
        case "closed port":
            return {"url": "http://127.0.0.1:9/a"}
        case "metadata":
            return {"url": "http://169.254.169.254/latest"}
    return {}


@pytest.mark.parametrize(
    ("how", "errcode"),
    [
        ("no ranges", 830001),
        ("foreign range", 830001),
        ("no size", 830001),
        ("404", 830003),
        ("redirect", 830003),
        ("cut off", 830003),
        ("no host", 830003),
        ("no url", 830003),
        ("closed port", 830003),
        ("metadata", 830003),
        ("too large", 45001),
        ("too small", 45001),
        ("empty", 45001),
        ("md5", 301019),
        ("no mp4", 40004),
    ],
)
def test_what_goes_wrong_is_in_the_detail(wecom: WeCom, source: FileServer, how: str, errcode: int) -> None:
    before = files_of(wecom)
    reply = result(wecom, submit(wecom, source, **broken(source, how)))
    assert (reply["errcode"], reply["status"]) == (0, 3)
    assert reply["detail"]["errcode"] == errcode
    assert set(reply["detail"]) == {"errcode", "errmsg"}
    assert files_of(wecom) == before
    assert not list((wecom.corp.server.server.files.path / "incoming").iterdir())


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"scene": 2}, 40058),
        ({"type": "image"}, 40005),
        ({"type": "x" * 33}, 40058),
        ({"filename": "字" * 43}, 40058),
        ({"url": "http://127.0.0.1/" + "a" * 1024}, 40058),
        ({"md5": "0" * 33}, 40058),
    ],
)
def test_a_wrong_request_makes_no_job(wecom: WeCom, fields: dict[str, Any], errcode: int) -> None:
    given = {"scene": 1, "type": "file", "filename": "a", "url": "http://127.0.0.1:9", "md5": "0" * 32}
    assert wecom.post("media/upload_by_url", {**given, **fields})["errcode"] == errcode


def test_a_job_is_known_to_its_app_for_60_minutes(start_server: Any, source: FileServer) -> None:
    server = start_server()
    corp = server.make_corp()
    wecom, other = corp.client(), corp.client(corp.apps[1])
    server.sim.post("/clock", json={"freeze": True}).raise_for_status()
    jobid = submit(wecom, source)
    result(wecom, jobid)
    assert other.post(RESULT, jobid=jobid)["errcode"] == 40088
    assert wecom.post(RESULT, jobid="jobid_unknown")["errcode"] == 40088
    assert wecom.post(RESULT, jobid="j" * 129)["errcode"] == 40058
    server.sim.post("/clock", json={"advance_seconds": 3599}).raise_for_status()
    assert wecom.post(RESULT, jobid=jobid)["status"] == 2
    server.sim.post("/clock", json={"advance_seconds": 1}).raise_for_status()
    assert wecom.post(RESULT, jobid=jobid)["errcode"] == 40088


def test_a_corp_that_is_deleted_meanwhile_leaves_nothing(start_server: Any, source: FileServer) -> None:
    server = start_server()
    wecom, other = server.make_corp().client(), server.make_corp().client()
    source.may_answer.clear()
    submit(wecom, source)
    while not source.asked:
        time.sleep(0.01)
    server.sim.delete(f"/corps/{wecom.corp.corpid}").raise_for_status()
    source.may_answer.set()
    result(other, submit(other, source))
    incoming = server.server.files.path / "incoming"
    while list(incoming.iterdir()):
        time.sleep(0.01)
    assert len(files_of(other)) == 1


def test_a_stopped_server_begins_the_job_again_after_the_next_start(
    start_server: Any, databases: Any, source: FileServer
) -> None:
    url = databases.new_url()
    first = start_server(database_url=url)
    wecom = first.make_corp().client()
    source.may_answer.clear()
    jobid = submit(wecom, source)
    while not source.asked:
        time.sleep(0.01)
    first.stop()
    source.may_answer.set()
    second = start_server(database_url=url)
    corp = Corp(second, second.sim.get(f"/corps/{wecom.corp.corpid}").json())
    assert result(corp.client(), jobid)["status"] == 2
    while list((second.server.files.path / "incoming").iterdir()):
        time.sleep(0.01)
