"""GET /_sim/metrics: what Prometheus reads, added up over workers, without a corp or a user in it."""

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from tests.callbacks.sdk_receiver import SdkReceiver
from tests.callbacks.steps import act, states, wait_until
from tests.conftest import ON_POSTGRESQL, Databases, RunningServer
from wecom_tollbooth import counts
from wecom_tollbooth.counts import BOUNDS, Counts

Labels = tuple[str, ...]
LABELS = ("operation", "errcode", "le", "limit", "result")
LISTED = "/cgi-bin/externalcontact/list"


def metrics(server: RunningServer) -> dict[str, dict[Labels, float]]:
    """The samples by name and values of their labels."""
    answer = server.sim.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            labels = tuple(sample.labels[name] for name in LABELS if name in sample.labels)
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def test_calls_are_counted_by_operation_and_errcode_and_timed(start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    for userid, times in (("zhangsan", 3), ("nobody", 2)):
        for _ in range(times):
            wecom.get("externalcontact/list", userid=userid)
    assert wecom.http.get("no/such/path").status_code == 404
    found = metrics(server)
    assert found["tollbooth_calls_total"] == {
        ("/cgi-bin/gettoken", "0"): 1,
        (LISTED, "0"): 3,
        (LISTED, "40003"): 2,
        ("unknown", "404"): 1,
    }
    buckets = [
        value
        for (operation, _), value in found["tollbooth_call_seconds_bucket"].items()
        if operation == LISTED
    ]
    assert buckets == sorted(buckets)
    assert (len(buckets), buckets[-1]) == (len(BOUNDS) + 1, 5)
    assert found["tollbooth_call_seconds_count"][LISTED,] == 5
    assert 0 < found["tollbooth_call_seconds_sum"][LISTED,] < 60
    text = server.sim.get("/metrics").text
    assert corp.corpid not in text
    assert "zhangsan" not in text


def test_limits_that_were_hit_are_counted_by_kind(start_server: Any) -> None:
    server = start_server(limit_per_corp_minute=2, limit_wrong_secret_hour=1)
    corp = server.make_corp()
    wecom = corp.client()
    codes = [wecom.get("externalcontact/get_follow_user_list")["errcode"] for _ in range(4)]
    assert codes == [0, 0, 45009, 45009]
    for _ in range(3):
        wecom.http.get("gettoken", params={"corpid": corp.corpid, "corpsecret": "wrong"})
    assert metrics(server)["tollbooth_limit_hits_total"] == {("corp",): 2, ("secret",): 1}


def test_queues_attempts_and_the_size_of_the_database_are_shown(start_server: Any) -> None:
    server = start_server(callback_retries=3, callback_retry_seconds=3600)
    empty = metrics(server)
    assert empty["tollbooth_database_up"] == {(): 1}
    assert empty["tollbooth_database_bytes"][()] > 100_000
    assert (empty["tollbooth_corps"][()], empty["tollbooth_callbacks_waiting"][()]) == (0, 0)
    corp = server.make_corp(seed="demo")
    receiver = SdkReceiver(corp)
    receiver.register()
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: states(corp) == ["delivered"])
    receiver.http.status = 500
    act(corp, "member_adds_customer", userid="zhangsan")
    wait_until(lambda: len(receiver.http.posts) == 2)
    wait_until(lambda: len(metrics(server)["tollbooth_callback_attempts_total"]) == 2)
    receiver.http.close()
    found = metrics(server)
    assert found["tollbooth_callback_attempts_total"] == {("delivered",): 1, ("failed",): 1}
    assert found["tollbooth_callbacks_waiting"] == {(): 1}
    assert found["tollbooth_corps"] == {(): 1}
    assert found["tollbooth_scheduled_tasks"][()] >= found["tollbooth_scheduled_tasks_due"][()]
    assert found["tollbooth_callback_endpoints_paused"] == {(): 0}


def test_workers_are_added_up_and_the_counts_of_one_that_ended_stay(
    start_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(counts.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(counts, "SECONDS_BETWEEN_FILES", 0.01)
    first, second = start_server(), start_server()
    for server, times in ((first, 2), (second, 3)):
        wecom = server.make_corp().client()
        for _ in range(times):
            wecom.get("externalcontact/get_follow_user_list")
    first.stop()
    asked = ("/cgi-bin/externalcontact/get_follow_user_list", "0")
    assert metrics(second)["tollbooth_calls_total"][asked] == 5
    assert metrics(second)["tollbooth_call_seconds_count"][asked[:1]] == 5
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_threads_lose_no_count() -> None:
    counted = Counts()

    def work() -> None:
        for number in range(5_000):
            counted.call("/cgi-bin/x", number % 2, 0.0001)
            counted.attempt(True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sums = counted.of_all_workers()
    assert sums["calls"] == {"/cgi-bin/x 0": 10_000, "/cgi-bin/x 1": 10_000}
    assert sums["buckets"]["/cgi-bin/x"][0] == sum(sums["buckets"]["/cgi-bin/x"]) == 20_000
    assert sums["attempts"] == {"delivered": 20_000}


def test_a_broken_file_of_another_worker_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "1-abc.json").write_text("{")
    counted = Counts(str(tmp_path))
    counted.limit("corp")
    counted.write()
    assert counted.of_all_workers()["limits"] == {"corp": 1}
    assert Counts(str(tmp_path)).of_all_workers()["limits"] == {"corp": 1}


def test_the_metrics_ask_for_the_admin_token(start_server: Any) -> None:
    server = start_server(admin_token="opens-it")
    assert server.sim.get("/metrics").status_code == 401
    answer = server.sim.get("/metrics", headers={"Authorization": "Bearer opens-it"})
    assert answer.status_code == 200


@pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL")
def test_without_its_database_a_server_shows_its_own_counts(start_server: Any, databases: Databases) -> None:
    server = start_server()
    server.make_corp().client()
    name = sa.make_url(server.settings.database_url).database
    databases._postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;")
    databases._postgres.psql(
        f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}';"
    )
    found = metrics(server)
    assert found["tollbooth_database_up"] == {(): 0}
    assert "tollbooth_callbacks_waiting" not in found
    assert found["tollbooth_calls_total"] == {("/cgi-bin/gettoken", "0"): 1}
    databases._postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;")
