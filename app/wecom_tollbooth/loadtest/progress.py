"""What a load test shows on stderr while it runs: a bar on a terminal, else a line now and then."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wecom_tollbooth.loadtest.runs import Progress, Run

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

SECONDS_BETWEEN_LINES = 10


class ShownProgress:
    """The progress of one run of `seconds`; call it with each news."""

    def __init__(self, label: str, seconds: int) -> None:
        self._label, self._seconds = label, seconds
        self._bars: Bars | None = None
        self._next_line = 0.0

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        console = Console(stderr=True)
        if not console.is_terminal:
            print(self._label, file=sys.stderr, flush=True)
            self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
            return self
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            TextColumn("{task.fields[said]}"),
        )
        self._bars = Bars(*columns, console=console)
        self._bars.start()
        self._task: TaskID = self._bars.add_task(self._label, total=self._seconds, said="启动 starting")
        return self

    def __call__(self, news: Progress) -> None:
        said = f"{min(news.seconds, self._seconds):.0f}/{self._seconds} s, {news.calls:,} 次调用 calls"
        if news.failures:
            said += f", {news.failures:,} 失败 failed"
        if self._bars is not None:
            if news.calls:
                self._bars.update(self._task, completed=min(news.seconds, self._seconds), said=said)
        elif time.monotonic() >= self._next_line:
            print(f"  {said}", file=sys.stderr, flush=True)
            self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES

    def end(self, run: Run) -> None:
        """Shows what the run found."""
        timing = run.everything
        said = f"{timing.calls:,} 次调用 calls, p50 {timing.p50_ms:,.1f} ms, p99 {timing.p99_ms:,.1f} ms"
        if timing.failures:
            said += f", {timing.failures:,} 失败 failed"
        if self._bars is not None:
            self._bars.update(self._task, completed=self._seconds, said=said)
        else:
            print(f"  {said}", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
