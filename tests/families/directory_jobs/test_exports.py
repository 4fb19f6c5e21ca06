"""批量导出: encrypted files of what the app sees."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.conftest import WeCom
from tests.families.directory_jobs.jobs import Directory
from tests.providers import Provider

KEY = "IJUiXNpvGbODwKEBSEsAeOAPAhkqHqNCF6g19t9wfg2"


@pytest.fixture
def directory(start_server: Any) -> Directory:
    return Directory(start_server(), seed="demo", members=6, customers=0)


def submitted(wecom: WeCom, operation: str, **fields: Any) -> str:
    answer = wecom.post(f"export/{operation}", {"encoding_aeskey": KEY, **fields})
    assert answer["errcode"] == 0, answer
    return str(answer["jobid"])


def opened(url: str) -> dict[str, Any]:
    """The content of an exported file, which must be as its listing says."""
    sealed = httpx.get(url).raise_for_status().content
    key = base64.b64decode(KEY + "=")
    plain = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor().update(sealed)
    filled = plain[-1]
    assert len(plain) % 32 == 0
    assert 1 <= filled <= 32
    assert plain[-filled:] == bytes([filled]) * filled
    content: dict[str, Any] = json.loads(plain[:-filled])
    return content


def exported(directory: Directory, operation: str, wecom: WeCom | None = None, **fields: Any) -> Any:
    """The contents of the files of an export."""
    wecom = wecom or directory.app
    jobid = submitted(wecom, operation, **fields)
    assert wecom.get("export/get_result", jobid=jobid)["status"] == 0
    directory.pass_time(1)
    answer = wecom.get("export/get_result", jobid=jobid)
    assert (answer["errcode"], answer["status"]) == (0, 2), answer
    for listed in answer["data_list"]:
        content = httpx.get(listed["url"]).content
        assert (len(content), hashlib.md5(content).hexdigest()) == (listed["size"], listed["md5"])
    return [opened(listed["url"]) for listed in answer["data_list"]]


def by_userid(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["userid"]))


def test_members_are_exported_as_the_lists_have_them(directory: Directory) -> None:
    [content] = exported(directory, "simple_user")
    listed = directory.app.get("user/simplelist", department_id=1, fetch_child=1)["userlist"]
    assert content == {"userlist": by_userid(listed)}
    [content] = exported(directory, "user")
    listed = directory.app.get("user/list", department_id=1, fetch_child=1)["userlist"]
    assert content == {"userlist": by_userid(listed)}
    old = directory.corp.client(directory.corp.new_app(created_at=1_655_726_399))
    [content] = exported(directory, "user", old)
    listed = old.get("user/list", department_id=1, fetch_child=1)["userlist"]
    assert content == {"userlist": by_userid(listed)}
    assert all(one["mobile"] for one in content["userlist"])


def test_departments_are_exported_as_the_list_has_them(directory: Directory) -> None:
    [content] = exported(directory, "department")
    assert content == {"department": directory.app.get("department/list")["department"]}


def test_an_app_exports_what_it_sees(directory: Directory) -> None:
    narrow = directory.corp.client(directory.corp.new_app(visible={"userid": ["zhangsan"], "partyid": []}))
    [content] = exported(directory, "simple_user", narrow)
    assert [one["userid"] for one in content["userlist"]] == ["zhangsan"]
    assert exported(directory, "department", narrow) == [{"department": []}]
    nobody = directory.corp.client(directory.corp.new_app(visible={"userid": []}))
    assert exported(directory, "user", nobody) == [{"userlist": []}]


def test_a_tag_is_exported_with_its_departments(directory: Directory) -> None:
    tagid = directory.app.post("tag/create", tagname="品鉴")["tagid"]
    directory.app.post("tag/addtagusers", tagid=tagid, userlist=["zhangsan"], partylist=[1])
    [content] = exported(directory, "taguser", tagid=tagid)
    shown = directory.app.get("tag/get", tagid=tagid)
    assert content == {name: shown[name] for name in ("tagname", "userlist", "partylist")}
    jobid = submitted(directory.app, "taguser", tagid=tagid)
    directory.app.get("tag/delete", tagid=tagid)
    directory.pass_time(1)
    assert directory.app.get("export/get_result", jobid=jobid)["status"] == 2
    unknown = {"encoding_aeskey": KEY, "tagid": 99}
    assert directory.app.post("export/taguser", unknown)["errcode"] == 40068
    assert directory.app.post("export/taguser", encoding_aeskey=KEY)["errcode"] == 40068


def test_rows_over_the_block_size_go_into_further_files(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wecom_tollbooth.families.directory_jobs import export_work, exports

    expected = [one["userid"] for one in exported(directory, "simple_user")[0]["userlist"]]
    monkeypatch.setattr(exports, "BLOCK_MOST", 4)
    monkeypatch.setattr(export_work, "MEMBERS_AT_ONCE", 3)
    blocks = [[one["userid"] for one in block["userlist"]] for block in exported(directory, "simple_user")]
    assert [len(block) for block in blocks] == [4, len(expected) - 4]
    assert [userid for block in blocks for userid in block] == expected


def test_the_addresses_are_good_for_two_hours_and_range_works(directory: Directory) -> None:
    jobid = submitted(directory.app, "user")
    directory.pass_time(1)
    [listed] = directory.app.get("export/get_result", jobid=jobid)["data_list"]
    part = httpx.get(listed["url"], headers={"Range": "bytes=0-31"})
    assert (part.status_code, len(part.content)) == (206, 32)
    directory.pass_time(7_199)
    assert httpx.get(listed["url"]).status_code == 200
    directory.pass_time(1)
    assert httpx.get(listed["url"]).status_code == 404
    assert httpx.get(listed["url"] + "x").status_code == 404
    directory.pass_time(3 * 86_400)
    assert directory.corp.client().get("export/get_result", jobid=jobid)["errcode"] == 40088


def test_the_app_that_asked_is_told_and_nobody_else(directory: Directory) -> None:
    for operation, kind in (("user", "export_user"), ("department", "export_department")):
        jobid = submitted(directory.app, operation)
        directory.pass_time(1)
        event = directory.raised("batch_job_result")[-1]
        assert f"<JobId><![CDATA[{jobid}]]></JobId><JobType><![CDATA[{kind}]]></JobType>" in event
    other = directory.corp.client(directory.corp.new_app())
    assert other.get("export/get_result", jobid=jobid)["errcode"] == 40088
    receivers = {one["agentid"] for one in directory.corp.sim("callbacks")["callbacks"]}
    assert receivers == {directory.app.agentid}


def test_what_is_wrong_is_refused(directory: Directory) -> None:
    wecom = directory.app
    assert wecom.post("export/user")["errcode"] == 40063
    for key in ("x", KEY + "A", KEY[:-1] + "+"):
        assert wecom.post("export/user", encoding_aeskey=key)["errcode"] == 40058
    for size in (9_999, 1_000_001):
        assert wecom.post("export/user", encoding_aeskey=KEY, block_size=size)["errcode"] == 40058
    assert wecom.get("export/get_result")["errcode"] == 40063
    assert wecom.get("export/get_result", jobid="jobid_x")["errcode"] == 40088
    assert directory.sync.post("export/user", encoding_aeskey=KEY)["errcode"] == 48009
    third_party = Provider(directory.server).app_in(directory.corp, "third_party")
    assert third_party.post("export/user", encoding_aeskey=KEY)["errcode"] == 48002


def test_the_job_of_a_deleted_corp_ends_quietly(directory: Directory) -> None:
    submitted(directory.app, "user")
    directory.server.sim.delete(f"/corps/{directory.corp.corpid}").raise_for_status()
    directory.pass_time(1)
