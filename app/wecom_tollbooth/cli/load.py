"""`tollbooth load follow-up`: the load test of follow-up work."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import Remote
from wecom_tollbooth.cli.tables import console, print_json, printable, table

if TYPE_CHECKING:
    from wecom_tollbooth.loadtest.runs import Run

SIZES = "100,400,1000,10000,100000"
SIZE_BESIDE = 400
"""Customers of the tollbooth beside a system whose size nobody said."""
MIX = "sales-team"
MEMBERS = 50
"""Size of the sales team in a corp that is seeded for a run."""


def add_to(app: typer.Typer) -> None:
    load = typer.Typer(no_args_is_help=True, help="压测。Run load tests.")
    load.callback()(lambda: None)
    load.command("follow-up")(follow_up)
    app.add_typer(load, name="load")


def follow_up(
    contacts: Annotated[
        str | None,
        typer.Option(
            help="客户数，逗号分隔；自有系统则写现有的客户数 Numbers of customers, a run for each; "
            f"for your own system, how many it has [default: {SIZES}]"
        ),
    ] = None,
    users: Annotated[int, typer.Option(min=1, max=10_000, help="并发用户数 Concurrent users")] = 50,
    seconds: Annotated[int, typer.Option(min=1, max=86_400, help="每轮秒数 Seconds of a run")] = 20,
    profiles: Annotated[
        str, typer.Option(help="延迟方案，逗号分隔 Latency profiles, a run for each")
    ] = "none,article-2025",
    workers: Annotated[int, typer.Option(min=1, max=64, help="施压进程数 Locust processes")] = 1,
    mix: Annotated[
        str, typer.Option(help="操作组合：名称或 TOML 文件 Mix of calls: a name or a TOML file")
    ] = MIX,
    out: Annotated[Path, typer.Option(file_okay=False, help="报告目录 Folder of the report")] = Path(
        "load-report"
    ),
    url: Annotated[
        str | None,
        typer.Option(help="被测地址，默认临时启动一个服务 Server to test [default: a temporary one]"),
    ] = None,
    corpid: Annotated[
        str | None, typer.Option(help="使用已有企业，不造数据 Use this corp's data, seed nothing")
    ] = None,
    secret: Annotated[str | None, typer.Option(help="已有企业的 secret Secret of that corp")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="临时服务的数据库 Database of the temporary server")
    ] = None,
    alone: Annotated[
        bool,
        typer.Option("--alone", help="只测自有系统，不与模拟器对比 Run no tollbooth beside your own system"),
    ] = False,
    append: Annotated[
        bool, typer.Option("--append", help="加到 --out 里已有的报告 Add to the report that is in --out")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="结果输出为 JSON Print the report as JSON")] = False,
) -> None:
    """压测用户跟进并写出报告。Load-test follow-ups and write a report."""
    from wecom_tollbooth.loadtest.mixes import WrongMix, read_mix
    from wecom_tollbooth.loadtest.report import WrongReport, combined, earlier_runs, write_report
    from wecom_tollbooth.loadtest.runs import RunFailed

    _refuse_without_locust()
    if corpid and not url:
        raise CommandError("--corpid: give --url too, the address of that corp's server", 2)
    about = {"mix": mix, "url": url or "own server", "users": users, "seconds": seconds, "workers": workers}
    try:
        title = read_mix(mix)
        _make(out)
        earlier = earlier_runs(out, about) if append else []
    except (WrongMix, WrongReport) as error:
        raise CommandError(str(error), 2) from None
    about["mix"] = title.name
    work = _Work(str(Path(mix).resolve()) if Path(mix).is_file() else mix, users, seconds, workers)
    runs: list[Run] = []
    stopped: CommandError | None = None
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
            ours = url is None or _is_ours(url)
            names = _names(profiles)
            # One after the other, so that finished runs are kept where a later one fails.
            if corpid or (not ours and title.name != MIX):
                size = _one_size(contacts)
                beside = not ours and not alone
                work.count = 1 + (len(names) if beside else 0)
                runs.append(
                    work.as_it_is(folder, url or "", title.name, ours, size, corpid or "", secret or "")
                )
                if beside:
                    work.mix = MIX
                    runs.extend(work.sizes(stack, folder, None, database_url, [size or SIZE_BESIDE], names))
            else:
                sizes = _sizes(SIZES if contacts is None else contacts)
                work.count = len(sizes) * len(names)
                runs.extend(work.sizes(stack, folder, url, database_url, sizes, names))
    except (RunFailed, CommandError) as error:
        stopped = error if isinstance(error, CommandError) else CommandError(str(error))
    except KeyboardInterrupt:
        stopped = CommandError("stopped", 130)
    if stopped is not None and not runs:
        raise stopped
    runs = combined(earlier, runs)
    files = write_report(out, about, runs, title.titles_zh() | read_mix(MIX).titles_zh())
    if as_json:
        print_json({**about, "runs": [run.as_json() for run in runs]})
    else:
        _print(runs, seconds, title.titles_zh() | read_mix(MIX).titles_zh())
        print("报告 report: " + ", ".join(str(path) for path in files))
    if stopped is not None:
        raise CommandError(f"{stopped}; the report has the runs before", stopped.code)


class _Work:
    """The options that all runs share."""

    def __init__(self, mix: str, users: int, seconds: int, workers: int) -> None:
        self.mix, self._users, self._seconds, self._workers = mix, users, seconds, workers
        self.count = 1
        """How many runs there will be."""
        self._number = 0

    def as_it_is(
        self, folder: Path, url: str, mix: str, ours: bool, size: int | None, corpid: str, secret: str
    ) -> "Run":
        """Runs the mix on a system with its own data."""
        from wecom_tollbooth.loadtest.runs import AS_IT_IS, OURS

        # A system is called as its mix, or, under the shipped one, as its host.
        own = urlsplit(url).netloc if mix == MIX else mix
        return self.run(folder, url, OURS if ours else own, AS_IT_IS, size, None, corpid, secret)

    def sizes(
        self,
        stack: ExitStack,
        folder: Path,
        url: str | None,
        database_url: str | None,
        sizes: list[int],
        profiles: list[str],
    ) -> Iterator["Run"]:
        """Seeds a corp of each size, smallest first, and runs every profile on it."""
        from wecom_tollbooth.cli.corps import fill
        from wecom_tollbooth.loadtest.runs import OURS, own_server

        address = url or stack.enter_context(own_server(folder, database_url))
        remote = Remote(address)
        for size in sizes:
            wanted = {"name": f"压测 {size}", "seed": "demo", "members": MEMBERS, "customers": 0}
            corp = remote.post("/corps", wanted)
            try:
                begun = time.perf_counter()
                fill(remote, corp["corpid"], customers=size, follow_ups=size)
                seeding = time.perf_counter() - begun
                for profile in profiles:
                    remote.put(f"/corps/{corp['corpid']}/latency", {"profile": profile})
                    known = (corp["corpid"], corp["apps"][0]["secret"])
                    yield self.run(folder, address, OURS, profile, size, round(seeding, 2), *known)
            finally:
                remote.delete(f"/corps/{corp['corpid']}")

    def run(
        self,
        folder: Path,
        url: str,
        system: str,
        profile: str,
        contacts: int | None,
        seeding: float | None,
        corpid: str,
        secret: str,
    ) -> "Run":
        from wecom_tollbooth.loadtest.progress import ShownProgress
        from wecom_tollbooth.loadtest.runs import Plan, Run, drive

        self._number += 1
        own = folder / f"run-{self._number}"
        own.mkdir()
        plan = Plan(
            url=url.rstrip("/"),
            mix=self.mix,
            corpid=corpid,
            secret=secret,
            users=self._users,
            seconds=self._seconds,
            workers=self._workers,
        )
        size = "" if contacts is None else f", {contacts:,} 客户 customers"
        label = f"{self._number}/{max(self.count, self._number)} {system} {profile}{size}"
        with ShownProgress(printable(label), self._seconds) as shown:
            everything, steps = drive(plan, own, shown)
            run = Run(profile, contacts, seeding, everything, steps, system)
            shown.end(run)
        return run


def _refuse_without_locust() -> None:
    from importlib.util import find_spec

    for module in ("locust", "matplotlib"):
        if find_spec(module) is None:
            raise CommandError(f"{module} is missing: pip install 'wecom-tollbooth[load]'")


def _make(out: Path) -> None:
    """Creates the folder of the report before anything is measured."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise CommandError(f"--out: {out}: {error.strerror or error}", 2) from None


def _is_ours(url: str) -> bool:
    """Whether a tollbooth answers there, so that corps can be seeded."""
    try:
        # A web application may answer 200 to any path.
        return {"status", "version"} <= Remote(url).get("/health").keys()
    except CommandError:
        return False


def _sizes(text: str) -> list[int]:
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1 or sizes[-1] > 1_000_000:
        raise CommandError(f"--contacts: {text!r}; write numbers from 1 to 1000000, such as 100,400,10000", 2)
    return sizes


def _one_size(text: str | None) -> int | None:
    """How many customers a system with its own data has, None if nobody said."""
    if text is None:
        return None
    sizes = _sizes(text)
    if len(sizes) > 1:
        raise CommandError(
            "--contacts: a system with its own data has one size: write how many customers it has now, "
            "and use --append for the next size",
            2,
        )
    return sizes[0]


def _names(text: str) -> list[str]:
    from wecom_tollbooth.gateway.steps.latency import PROFILES

    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise CommandError("--profiles: name at least one, such as none", 2)
    for name in names:
        if name not in PROFILES:
            raise CommandError(f"--profiles: {name!r}; use one of {', '.join(PROFILES)}", 2)
    return list(dict.fromkeys(names))


def _print(runs: list["Run"], seconds: int, titles_zh: dict[str, str]) -> None:
    from wecom_tollbooth.loadtest.report import figures, reasons_of, rough_sentences
    from wecom_tollbooth.loadtest.words import ALL, LANGUAGES

    numbers = (
        *("客户 Customers", "调用 Calls", "失败 Failed", "次/秒 Calls/s"),
        *("p50 ms", "p95 ms", "p99 ms", "最长 Max ms"),
    )
    rows = table("系统 System", "延迟方案 Profile", numbers[0], "步骤 Step", *numbers[1:], right=numbers)
    for run in runs:
        size = f"{run.contacts:,}" if run.contacts is not None else ""
        for step, timing in (*run.steps.items(), (ALL, run.everything)):
            title = "全部 all" if step == ALL else f"{titles_zh.get(step, '')} {step}".strip()
            style = "bold" if step == ALL else None
            rows.add_row(run.system, run.profile, size, title, *figures(timing), style=style)
        rows.add_section()
    console().print(rows)
    for (step, why), count in sorted(reasons_of(runs).items()):
        print(printable(f"失败 failed: {step}, {count:,} ×: {why}"))
    for words in reversed(LANGUAGES):
        for sentence in rough_sentences(words, runs, seconds):
            print(sentence)
