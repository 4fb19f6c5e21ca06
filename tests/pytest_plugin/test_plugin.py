"""The plugin in the runs of other projects."""

import pytest

# The server of this process reads seed files by it; pytester forgets what is first imported in its runs.
import wecom_tollbooth.seeds.described.yaml_files  # noqa: F401
from tests.conftest import RunningServer

pytest_plugins = "pytester"

OPTIONS = ("-p", "no:cacheprovider", "-p", "no:xdist")


def test_every_test_has_a_corp_of_its_own(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makepyfile(
        """
        import pytest

        seen = set()

        @pytest.mark.parametrize("number", range(3))
        def test_new(corp, number):
            assert corp.corpid not in seen
            assert corp.name == f"test_new[{number}]"
            seen.add(corp.corpid)
            corp.get("department/list")
            corp.expect_no_refusals()

        @pytest.mark.tollbooth(customers=7, name="七位客户")
        def test_customers(corp):
            assert corp.name == "七位客户"
            lists = [corp.get("user/get", userid="lisi")]
            assert lists

        def test_callbacks(corp, callback_receiver):
            corp.act("member_adds_customer", userid="lisi")
            callback_receiver.wait_for("add_external_contact")
        """
    )
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=5)


def test_corps_on_a_server_that_stays_are_deleted(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makepyfile(
        """
        from pathlib import Path

        def test_it(corp):
            Path("corpid").write_text(corp.corpid)
        """
    )
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=1)
    corpid = (pytester.path / "corpid").read_text()
    assert server.sim.get(f"/_sim/corps/{corpid}").status_code == 404


def test_a_failing_test_shows_its_last_calls(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makepyfile(
        """
        def test_it(corp):
            for _ in range(25):
                corp.get("department/list")
            corp.get("user/get", userid="nobody")
        """
    )
    result = pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*the last calls of ww*", "GET  department/list  0", "GET  user/get  60111", "*nobody*"]
    )
    assert sum(line.startswith("GET  ") for line in result.outlines) == 20


def test_a_passing_test_shows_none(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makepyfile("def test_it(corp): corp.get('department/list')")
    result = pytester.runpytest(*OPTIONS, "-rA", "--tollbooth-url", server.base_url)
    assert "the last calls" not in result.stdout.str()


def test_the_address_may_stand_in_the_configuration(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makeini(f"[pytest]\ntollbooth_url = {server.base_url}\n")
    pytester.makepyfile("def test_it(tollbooth, corp): assert corp.base_url == tollbooth.base_url")
    pytester.runpytest(*OPTIONS).assert_outcomes(passed=1)


def test_a_setting_without_a_value_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntollbooth_settings =\n    rate_limits\n")
    pytester.makepyfile("def test_it(corp): pass")
    result = pytester.runpytest(*OPTIONS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'rate_limits': write name=value*"])


def test_corps_with_keys_are_the_same_in_each_run(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makeini("[pytest]\ntollbooth_keys = true\n")
    pytester.makepyfile(
        """
        from pathlib import Path
        import pytest

        @pytest.mark.parametrize("name", ["茶", "b" * 250])
        def test_seen(corp, name):
            seen = f"{corp.corpid} {corp.secret} {corp.act('member_adds_customer', userid='lisi')}\\n"
            with Path("seen").open("a") as file:
                file.write(seen)

        @pytest.mark.tollbooth(key="own", seed="empty", starts_at=1_800_000_000)
        def test_own(corp, tollbooth):
            assert corp.now() == 1_800_000_000
            assert corp.corpid.startswith("wx")
            with pytest.raises(Exception, match="the key 'own' is in use"):
                tollbooth.new_corp(key="own")
        """
    )
    for _ in range(2):
        pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=3)
    first, second, *again = (pytester.path / "seen").read_text().splitlines()
    assert again == [first, second]
    assert first != second


def test_the_corp_may_come_from_a_seed(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makefile(".yaml", shop="members: [{userid: zoe, name: Zoe}]\n")
    pytester.makepyfile(
        """
        from pathlib import Path
        import pytest

        @pytest.mark.tollbooth(seed="demo", members=2, customers=3)
        def test_named(corp):
            found = corp.post("externalcontact/batch/get_by_user", userid_list=["zhangsan", "lisi"])
            assert len(found["external_contact_list"]) >= 3

        @pytest.mark.tollbooth(seed=Path("shop.yaml"))
        def test_file(corp):
            assert corp.get("user/get", userid="zoe")["name"] == "Zoe"
        """
    )
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=2)


def test_a_module_says_what_its_corps_are_made_of(pytester: pytest.Pytester, server: RunningServer) -> None:
    made = server.make_corp(seed={"members": [{"userid": "from_export"}]})
    (pytester.path / "corp.tollbooth").write_bytes(server.sim.get(f"/corps/{made.corpid}/export").content)
    (pytester.path / "shop.yaml").write_text("members: [{userid: from_file}]\n", encoding="utf-8")
    pytester.makepyfile(
        """
        from pathlib import Path
        import pytest

        @pytest.fixture
        def tollbooth_seed():
            return Path("shop.yaml")

        def members(corp):
            return corp.get("externalcontact/get_follow_user_list")["follow_user"]

        def test_of_the_file(corp):
            assert members(corp) == ["from_file"]

        @pytest.mark.tollbooth(seed="empty")
        def test_of_its_own(corp):
            assert members(corp) == ["admin"]

        @pytest.mark.tollbooth(seed=Path("corp.tollbooth"))
        def test_of_an_exported_corp(corp):
            assert members(corp) == ["from_export"]

        class TestOfAnObject:
            @pytest.fixture
            def tollbooth_seed(self):
                return {"members": [{"userid": "from_object"}]}

            def test_it(self, corp):
                assert members(corp) == ["from_object"]
        """
    )
    pytester.runpytest(*OPTIONS, "--tollbooth-url", server.base_url).assert_outcomes(passed=4)
