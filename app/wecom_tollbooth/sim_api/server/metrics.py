"""GET /_sim/metrics."""

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from fastapi import Response

from wecom_tollbooth import __version__
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ENDPOINT
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.counts import BOUNDS
from wecom_tollbooth.db import reading
from wecom_tollbooth.db.failures import is_database_error
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.routes import Responses, control_routes
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import CORP_CLOCK, TIME_OF_CORP
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK, count_due

if TYPE_CHECKING:
    from prometheus_client.core import Metric

router = control_routes()


_TEXT: Responses = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/metrics", response_class=Response, responses=_TEXT)
async def get_metrics(server: TheServer) -> Response:
    """监控指标 / Metrics

    Prometheus 文本格式：按接口和错误码统计的调用数、耗时分布、队列长度、回调投递次数、被限制的次数、
    数据库大小。标签里没有企业和用户。`tollbooth serve` 的多个进程合计。

    Prometheus's text format: calls by operation and errcode, their time, queue lengths, attempts to deliver
    callbacks, limits that were hit, the size of the database. No label has a corp or a user in it. The
    workers of one `tollbooth serve` are added up.
    """
    content, media_type = await server.in_thread(_exposed, server)
    return Response(content, media_type=media_type)


def _exposed(server: Server) -> tuple[bytes, str]:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(server))
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Collector:
    def __init__(self, server: Server) -> None:
        self._server = server

    def collect(self) -> Iterator["Metric"]:
        yield from _of_processes(self._server)
        yield from _of_database(self._server)


def _of_processes(server: Server) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, InfoMetricFamily

    about = {"version": __version__, "database": server.database.dialect}
    yield InfoMetricFamily("tollbooth", "The program and its kind of database", value=about)
    sums = server.counts.of_all_workers()
    calls = CounterMetricFamily("tollbooth_calls", "Calls answered", labels=["operation", "errcode"])
    for key, count in sorted(sums["calls"].items()):
        calls.add_metric(key.split(" "), count)
    yield calls
    time = HistogramMetricFamily(
        "tollbooth_call_seconds",
        "Time from a call's last byte to its answer, without added latency",
        labels=["operation"],
    )
    bounds = [*map(str, BOUNDS), "+Inf"]
    for operation, buckets in sorted(sums["buckets"].items()):
        figures = list(zip(bounds, accumulate(buckets), strict=True))
        time.add_metric([operation], figures, sums["seconds"][operation])
    yield time
    for name, help_text, label, counted in (
        ("tollbooth_limit_hits", "Calls refused by a limit", "limit", sums["limits"]),
        ("tollbooth_callback_attempts", "Attempts to deliver callbacks", "result", sums["attempts"]),
    ):
        family = CounterMetricFamily(name, help_text, labels=[label])
        for value, count in sorted(counted.items()):
            family.add_metric([value], count)
        yield family


def _of_database(server: Server) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    try:
        figures = _figures(server)
    except Exception as error:
        if not is_database_error(error):
            raise
        figures = {}
    yield GaugeMetricFamily("tollbooth_database_up", "1 if the database could be read", value=bool(figures))
    for name, (help_text, value) in figures.items():
        yield GaugeMetricFamily(f"tollbooth_{name}", help_text, value=value)


def _figures(server: Server) -> dict[str, tuple[str, int]]:
    """Each from an index, or from a table with a row for each corp or app."""
    with reading(server.database) as tx:
        times = clock.times_for_sql(tx)

        def count(table: sa.Table, *where: Any) -> int:
            found = tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar()
            return int(found or 0)

        def paused_endpoints() -> int:
            with_clocks = sa.outerjoin(
                CALLBACK_ENDPOINT, CORP_CLOCK, CORP_CLOCK.c.corp_id == CALLBACK_ENDPOINT.c.corp_id
            )
            paused = sa.text(f"callback_endpoint.paused_until > {TIME_OF_CORP}").bindparams(**times)
            return int(
                tx.execute(sa.select(sa.func.count()).select_from(with_clocks).where(paused)).scalar_one()
            )

        return {
            "corps": ("Corps", count(CORP)),
            "callbacks_waiting": (
                "Callbacks that wait to be delivered",
                count(CALLBACK, CALLBACK.c.state == sa.literal_column("'waiting'")),
            ),
            "callback_endpoints_paused": (
                "Endpoints that get no callbacks because they failed too often",
                paused_endpoints(),
            ),
            "scheduled_tasks": ("Scheduled tasks, due or later", count(SCHEDULED_TASK)),
            "scheduled_tasks_due": ("Scheduled tasks whose time has come", count_due(tx)),
            "database_bytes": ("Size of the database, with SQLite's log", _size(server, tx)),
        }


def _size(server: Server, tx: Any) -> int:
    file = server.settings.sqlite_file
    if server.database.dialect == "postgresql":
        return int(tx.connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar())
    if file is None:
        pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        return int(tx.connection.exec_driver_sql(pages).scalar())
    real = file.resolve()
    log = real.with_name(f"{real.name}-wal")
    return real.stat().st_size + (log.stat().st_size if log.exists() else 0)
