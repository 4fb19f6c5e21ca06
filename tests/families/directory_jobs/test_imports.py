"""批量导入: members and departments from a CSV file, row by row."""

from collections.abc import Callable

import pytest

from tests.conftest import RunningServer
from tests.families.directory_jobs.jobs import DEPARTMENTS, MEMBERS, Directory
from wecom_tollbooth.families.directory_jobs import export_work, import_work

StartServer = Callable[..., RunningServer]


@pytest.fixture
def directory(start_server: StartServer) -> Directory:
    return Directory(start_server())


# --- members ---------------------------------------------------------------------------------------------


def test_a_file_adds_members_with_all_columns_of_the_template(directory: Directory) -> None:
    directory.sync.post("department/create", name="研发", parentid=1, id=2)
    rows = directory.rows(
        "syncuser",
        MEMBERS + ",工号",
        "张三,zhangsan,13800000001,z@example.com,1;2,工程师,男,1;0,10;20,三三,广州,020-123,0,,A001",
        '"李四, 小",lisi,,lisi@example.com,2,,女,,,,,,1,,',
    )
    assert rows == [("zhangsan", 0), ("lisi", 0)]
    shown = directory.app.get("user/get", userid="zhangsan")
    assert shown["name"] == "张三"
    assert shown["department"] == [1, 2]
    assert (shown["order"], shown["is_leader_in_dept"]) == ([10, 20], [1, 0])
    assert (shown["position"], shown["alias"], shown["telephone"]) == ("工程师", "三三", "020-123")
    assert shown["extattr"]["attrs"] == [{"type": 0, "name": "工号", "text": {"value": "A001"}}]
    assert shown["status"] == 4
    other = directory.app.get("user/get", userid="lisi")
    assert (other["name"], other["status"], other["position"]) == ("李四, 小", 2, "")


def test_an_update_changes_what_the_file_says_and_nobody_else(directory: Directory) -> None:
    directory.rows("syncuser", MEMBERS, "张三,zhangsan,13800000001,,1,工程师,,,,三三,,,0,")
    assert directory.rows("syncuser", "姓名,帐号,手机号,所在部门,职位", "张三丰,ZhangSan,,1,") == [
        ("ZhangSan", 0)
    ]
    shown = directory.app.get("user/get", userid="zhangsan")
    assert (shown["name"], shown["position"], shown["alias"]) == ("张三丰", "工程师", "三三")
    assert directory.members() == {"admin", "zhangsan"}


def test_a_replacing_file_clears_empty_cells_and_deletes_who_is_left_out(directory: Directory) -> None:
    rows = [f"成员{n},user{n},1380000000{n},,1,工程师,,,,,,,0," for n in range(5)]
    directory.rows("syncuser", MEMBERS, *rows, "管理员,admin,13900000000,,1,,,,,,,,,")
    kept = [row.replace("工程师", "") for row in rows[:2]]
    assert directory.rows("replaceuser", MEMBERS, *kept) == [("user0", 0), ("user1", 0)]
    assert directory.members() == {"admin", "user0", "user1"}
    assert directory.app.get("user/get", userid="user0")["position"] == ""


def test_a_file_that_would_delete_too_many_changes_nothing(directory: Directory) -> None:
    rows = [f"成员{n},user{n},1380000{n:04},,1,,,,,,,,," for n in range(300)]
    directory.rows("syncuser", MEMBERS, *rows)
    answer = directory.imported("replaceuser", MEMBERS, *rows[:230], "新人,new,13700000000,,1,,,,,,,,,")
    assert (answer["errcode"], answer["status"], answer["type"]) == (45026, 3, "replace_user")
    assert len(directory.members()) == 301
    few = Directory(directory.server)
    few.rows("syncuser", MEMBERS, *rows[:9])
    assert few.imported("replaceuser", MEMBERS, rows[0])["errcode"] == 45026
    assert len(few.rows("replaceuser", MEMBERS, *rows[:2])) == 2
    assert few.members() == {"admin", "user0", "user1"}


def test_each_row_says_what_became_of_it(directory: Directory) -> None:
    rows = directory.rows(
        "syncuser",
        MEMBERS,
        "张三,zhangsan,13800000001,,1,,,,,,,,,",
        "李四,li si,13800000002,,1,,,,,,,,,",
        "王五,wangwu,13800000001,,1,,,,,,,,,",
        "赵六,zhaoliu,,,1,,,,,,,,,",
        ",qianqi,13800000003,,1,,,,,,,,,",
        "孙八,sunba,13800000004,,一部,,,,,,,,,",
        "周九,,13800000005,,1,,,,,,,,,",
        "吴十,wushi,13800000006,,1,,不详,,,,,,,",
        "郑一,zhengyi,13800000007,,1;1,,,x,,,,,,",
    )
    assert rows == [
        ("zhangsan", 0),
        ("li si", 40003),
        ("wangwu", 60104),
        ("zhaoliu", 60129),
        ("qianqi", 60112),
        ("sunba", 40066),
        ("", 41009),
        ("wushi", 40058),
        ("zhengyi", 40058),
    ]
    assert directory.members() == {"admin", "zhangsan"}
    messages = directory.imported("syncuser", MEMBERS, "王五,wangwu,13800000001,,1,,,,,,,,,")["result"]
    assert messages[0]["errmsg"] == "mobile existed:zhangsan"


def test_a_row_answers_the_errcodes_of_user_create(directory: Directory) -> None:
    many = ";".join(str(number) for number in range(1, 102))
    rows = directory.rows(
        "syncuser",
        MEMBERS,
        "张三,zhangsan,13800000001,a@a.test,1,,,,,,,,,",
        "李四,lisi,12345,,1,,,,,,,,,",
        "王五,wangwu,,no address,1,,,,,,,,,",
        "赵六,zhaoliu,,a@a.test,1,,,,,,,,,",
        f"钱七,qianqi,13800000003,,{many},,,,,,,,,",
        "孙八,sunba,13800000004,,1;2,,,1,,,,,,",
        f"周九,zhoujiu,13800000005,,1,{'职' * 129},,,,,,,,",
        "吴十,wushi,13800000006,,1,,,,,,,020 123456,,",
    )
    assert [errcode for _, errcode in rows] == [0, 60103, 60105, 60106, 60110, 60132, 301012, 301013]


def test_a_refused_row_leaves_nothing_behind(directory: Directory) -> None:
    assert directory.rows("syncuser", MEMBERS, "张三,zhangsan,13800000001,,77,,不详,,,,,,,") == [
        ("zhangsan", 40058)
    ]
    assert directory.departments() == {1: directory.departments()[1]}
    assert directory.raised("change_contact") == []


def test_unknown_departments_are_created_below_the_unassigned_one(directory: Directory) -> None:
    directory.rows("syncuser", MEMBERS, "张三,zhangsan,13800000001,,77,,,,,,,,,")
    directory.rows("syncuser", MEMBERS, "张三,zhangsan,,,78,,,,,,,,,")
    found = directory.departments()
    parents = {found[77][1], found[78][1]}
    assert (found[77][0], found[78][0]) == ("77", "78")
    assert [found[one] for one in parents] == [("其他（待设置部门）", 1)]


def test_older_templates_and_gbk_are_read(directory: Directory) -> None:
    text = "姓名,帐号,微信号,手机号,邮箱,所在部门,职位\r\n张三,zhangsan,wx1,13800000001,,1,店长\r\n\r\n"
    for content in (text.encode("gbk"), "\ufeff".encode() + text.replace("帐号", "账号").encode()):
        media_id = directory.uploaded(content)
        jobid = directory.sync.post("batch/syncuser", media_id=media_id)["jobid"]
        directory.pass_time()
        assert directory.result(jobid)["result"][0]["errcode"] == 0
    shown = directory.app.get("user/get", userid="zhangsan")
    assert (shown["name"], shown["position"], shown["extattr"]["attrs"]) == ("张三", "店长", [])


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ("姓名,帐号,手机号\n张三,zhangsan,13800000001\n", 40092),
        ("姓名,帐号,所在部门\n张三,zhangsan,1\n", 40092),
        (MEMBERS + "\n", 40092),
        ("\n\n\n\n\n\n\n", 40092),
        (MEMBERS + '\n"张三,zhangsan\n', 40092),
        (MEMBERS + "\n" + "张" * 500_000, 40092),
        (b"\x81\x20\xff\xff\xff\xff", 40092),
        (MEMBERS.encode() + b"\n\xff\xfe,x,13800000001,,1\n", 40092),
        (MEMBERS + "\n张三\0,zhangsan,13800000001,,1\n", 40092),
        (MEMBERS + "\n张三,z,13800000001,,1\n张三,Z,13800000002,,1\n", 302003),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_ends_the_job(
    directory: Directory, content: str | bytes, errcode: int
) -> None:
    jobid = directory.sync.post("batch/syncuser", media_id=directory.uploaded(content))["jobid"]
    directory.pass_time()
    answer = directory.result(jobid)
    assert (answer["errcode"], answer["status"], answer["result"]) == (errcode, 3, [])
    [event] = directory.raised("batch_job_result")
    assert f"<ErrCode>{errcode}</ErrCode>" in event
    assert directory.members() == {"admin"}


# --- departments -----------------------------------------------------------------------------------------


def test_a_file_replaces_the_departments(directory: Directory) -> None:
    for department_id, name in ((2, "旧名"), (3, "空的"), (4, "有人")):
        directory.sync.post("department/create", name=name, parentid=1, id=department_id)
    directory.sync.post("user/create", userid="z", name="张三", mobile="13800000001", department=[4])
    rows = directory.rows(
        "replaceparty",
        DEPARTMENTS,
        "一组,12,11,",
        "研发,11,1,30",
        "新名,2,11,7",
        "演示企业,1,,",
    )
    assert rows == [(12, 1, 0), (11, 1, 0), (2, 2 | 4 | 8, 0), (1, 0, 0)]
    assert directory.departments() == {
        1: ("演示企业", 0),
        2: ("新名", 11),
        4: ("有人", 1),
        11: ("研发", 1),
        12: ("一组", 11),
    }
    directory.rows("syncuser", MEMBERS, "张三,z,,,12,,,,,,,,,")
    assert 4 not in directory.departments()


def test_a_department_that_comes_back_is_not_removed_later(directory: Directory) -> None:
    directory.sync.post("department/create", name="有人", parentid=1, id=4)
    directory.sync.post("user/create", userid="z", name="张三", mobile="13800000001", department=[4])
    directory.rows("replaceparty", DEPARTMENTS, "演示企业,1,0,0")
    directory.rows("replaceparty", DEPARTMENTS, "演示企业,1,0,0", "有人,4,1,0")
    directory.rows("syncuser", MEMBERS, "张三,z,,,1,,,,,,,,,")
    assert 4 in directory.departments()


@pytest.mark.parametrize(
    ("lines", "errcode"),
    [
        (["甲,2,1,", "乙,2,1,"], 302006),
        (["甲,2,1,", "甲,3,1,"], 302007),
        (["甲,2,9,"], 302004),
        (["甲,2,3,", "乙,3,2,"], 302004),
        (["甲,x,1,"], 302004),
        (["甲,0,1,"], 302004),
        (["甲,2,y,"], 302004),
        ([",2,1,"], 302004),
        (["甲,1,2,", "乙,2,1,"], 302004),
        ([], 40092),
    ],
)
def test_a_tree_that_is_wrong_as_a_whole_ends_the_job(
    directory: Directory, lines: list[str], errcode: int
) -> None:
    before = directory.departments()
    answer = directory.imported("replaceparty", DEPARTMENTS, *lines)
    assert (answer["errcode"], answer["type"]) == (errcode, "replace_party")
    assert directory.departments() == before


def test_a_department_with_a_bad_name_is_refused_alone(directory: Directory) -> None:
    rows = directory.rows("replaceparty", DEPARTMENTS, "研:发,2,1,", "一组,3,2,", "市场,4,1,")
    assert rows == [(2, 0, 60009), (3, 0, 60004), (4, 1, 0)]


# --- jobs ------------------------------------------------------------------------------------------------


def test_a_job_begins_a_second_later_and_takes_its_time(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "ROWS_A_SECOND", 100)
    rows = [f"成员{n},user{n},1380000{n:04},,1,,,,,,,,," for n in range(210)]
    jobid = directory.submit("syncuser", MEMBERS, *rows)
    started = directory.result(jobid)
    assert (started["status"], started["percentage"], started["total"], started["result"]) == (1, 0, 0, [])
    directory.pass_time(2)
    running = directory.result(jobid)
    assert (running["status"], running["total"], running["result"]) == (2, 210, [])
    assert 40 <= running["percentage"] <= 99
    directory.pass_time(2)
    done = directory.result(jobid)
    assert (done["status"], done["percentage"], len(done["result"])) == (3, 100, 210)
    assert done["result"][1] == {"userid": "user1", "errcode": 0, "errmsg": "ok"}


def test_numbers_of_any_length_and_userids_of_any_length_are_refused_alone(directory: Directory) -> None:
    nines, long = "9" * 5000, "".join(chr(97 + n * n % 26) + str(n) for n in range(4000))
    header = "姓名,帐号,手机号,所在部门,排序"
    rows = directory.rows(
        "syncuser",
        header,
        f"a,a1,13900000001,{nines},",
        f"a,a2,13900000002,1,{nines}",
        f"a,{long},13900000003,1,",
        f"a,{long}x,13900000004,1,",
        f"a,a5,13900000005,{'0' * 5000}1,",
    )
    assert [code for _, code in rows] == [40066, 40058, 40058, 40058, 0]
    for line in (f"甲,{nines},1,1", f"甲,7,{nines},1"):
        assert directory.imported("replaceparty", DEPARTMENTS, line)["errcode"] == 302004


@pytest.mark.parametrize("kind", ["import", "export"])
def test_a_job_that_fails_by_an_error_of_ours_ends(
    directory: Directory, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to run for ever, and an import kept all later ones of its corp away."""

    def fails(*_: object) -> bool:
        raise ValueError("a mistake in a job")

    monkeypatch.setitem(import_work._STAGES, "check", fails)
    monkeypatch.setitem(export_work._SLICES, "export_department", fails)
    if kind == "import":
        answer = directory.imported("syncuser", MEMBERS, "张三,zhangsan,13800000001,,1,,,,,,,,,")
        assert (answer["errcode"], answer["status"]) == (302005, 3)
        monkeypatch.undo()
        assert directory.rows("syncuser", MEMBERS, "张三,zhangsan,13800000001,,1,,,,,,,,,") == [
            ("zhangsan", 0)
        ]
    else:
        jobid = directory.app.post("export/department", encoding_aeskey="a" * 43)["jobid"]
        directory.pass_time()
        assert directory.app.get("export/get_result", jobid=jobid)["status"] == 3
    ended = directory.raised("batch_job_result")
    assert ("<ErrCode>302005<" if kind == "import" else "<ErrCode>-1<") in ended[0]


def test_one_import_runs_at_a_time(directory: Directory) -> None:
    jobid = directory.submit("replaceparty", DEPARTMENTS, "研发,2,1,")
    media_id = directory.uploaded(DEPARTMENTS + "\n研发,2,1,\n")
    for operation in ("syncuser", "replaceuser", "replaceparty"):
        assert directory.sync.post(f"batch/{operation}", media_id=media_id)["errcode"] == 302008
    directory.pass_time()
    assert directory.result(jobid)["status"] == 3
    assert directory.sync.post("batch/replaceparty", media_id=media_id)["errcode"] == 0


def test_the_results_of_the_last_five_jobs_are_kept(directory: Directory) -> None:
    jobs = []
    for number in range(6):
        jobs.append(directory.submit("replaceparty", DEPARTMENTS, f"部门{number},2,1,"))
        directory.pass_time()
    assert [directory.result(jobid)["errcode"] for jobid in jobs] == [40089, 0, 0, 0, 0, 0]


def test_what_is_no_csv_file_or_no_job_of_the_app_is_refused(directory: Directory) -> None:
    assert directory.sync.post("batch/syncuser")["errcode"] == 40063
    assert directory.sync.post("batch/syncuser", media_id="x")["errcode"] == 40007
    assert directory.sync.get("batch/getresult")["errcode"] == 40063
    assert directory.result("x")["errcode"] == 40088
    media_id = directory.uploaded("姓名,帐号\n")
    assert directory.app.post("batch/syncuser", media_id=media_id)["errcode"] == 48002


def test_an_import_raises_what_its_changes_raise(directory: Directory) -> None:
    provided = directory.corp
    jobid = directory.submit("replaceparty", DEPARTMENTS, "研发,2,1,")
    directory.pass_time()
    [event] = directory.raised("batch_job_result")
    assert f"<JobId><![CDATA[{jobid}]]></JobId><JobType><![CDATA[replace_party]]></JobType>" in event
    assert "<ErrCode>0</ErrCode><ErrMsg><![CDATA[ok]]></ErrMsg>" in event
    agentids = {one["agentid"] for one in provided.sim("callbacks", event="batch_job_result")["callbacks"]}
    assert agentids == {directory.sync.agentid}
