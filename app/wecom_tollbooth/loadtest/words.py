"""The words of a report in both languages, and how it writes numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from wecom_tollbooth.loadtest.runs import AS_IT_IS, OURS, SURE_P99_CALLS, Run

ALL = "all"


@dataclass(frozen=True)
class Words:
    """One language; `suffix` goes into the names of its files."""

    suffix: str
    title: str
    picture: str
    customers: str
    so_many: str
    milliseconds: str
    ours: str
    size_unknown: str
    as_it_is: str
    every_step: str
    rough: str
    longer: str
    rough_lines: str
    rough_bars: str
    about: Mapping[str, str]
    columns: Mapping[str, str]
    reasons: str
    reason: str
    comma: str

    def system(self, run: Run) -> str:
        return self.ours if run.system == OURS else run.system

    def profile(self, run: Run) -> str:
        return self.as_it_is if run.profile == AS_IT_IS else run.profile

    def size(self, run: Run) -> str:
        return self.size_unknown if run.contacts is None else f"{run.contacts:,}"


ENGLISH = Words(
    suffix="",
    title="Follow-up load test",
    picture="Follow-up: latency of all calls by number of customers",
    customers="customers",
    so_many="{size} customers",
    milliseconds="milliseconds",
    ours="tollbooth",
    size_unknown="size unknown",
    as_it_is="as it is",
    every_step="all",
    rough=f"* This p99 rests on fewer than {SURE_P99_CALLS:,} calls, so fewer than ten calls took longer: "
    "another run may show quite another figure.",
    longer="In {count} of {runs} runs even the total has too few: take --seconds {seconds} or more --users.",
    rough_lines=f"hollow: p99 of fewer than {SURE_P99_CALLS:,} calls",
    rough_bars=f"* p99 of fewer than {SURE_P99_CALLS:,} calls",
    about={
        "mix": "Mix",
        "url": "Address",
        "users": "Users",
        "seconds": "Seconds of a run",
        "workers": "Load processes",
    },
    columns={
        "system": "System",
        "profile": "Latency profile",
        "contacts": "Customers",
        "step": "Step",
        "calls": "Calls",
        "failures": "Failures",
        "calls_per_second": "Calls/s",
        "p50_ms": "p50 ms",
        "p95_ms": "p95 ms",
        "p99_ms": "p99 ms",
        "max_ms": "Longest ms",
    },
    reasons="Failures",
    reason="- {step}, {count} times: {why}",
    comma=", ",
)
CHINESE = Words(
    suffix=".zh-CN",
    title="用户跟进压测",
    picture="用户跟进：不同客户数下全部调用的延迟",
    customers="客户数",
    so_many="{size} 个客户",
    milliseconds="毫秒",
    ours="模拟器",
    size_unknown="客户数未知",
    as_it_is="原样",
    every_step="全部",
    rough=f"* 这个 p99 的调用不到 {SURE_P99_CALLS:,} 次，比它慢的不到十次，再跑一轮结果可能差很多。",
    longer="{runs} 轮里有 {count} 轮连总数都不够：请用 --seconds {seconds}，或增加 --users。",
    rough_lines=f"空心：p99 的调用不到 {SURE_P99_CALLS:,} 次",
    rough_bars=f"* p99 的调用不到 {SURE_P99_CALLS:,} 次",
    about={
        "mix": "操作组合",
        "url": "被测地址",
        "users": "用户数",
        "seconds": "每轮秒数",
        "workers": "施压进程",
    },
    columns={
        "system": "系统",
        "profile": "延迟方案",
        "contacts": "客户数",
        "step": "步骤",
        "calls": "调用",
        "failures": "失败",
        "calls_per_second": "次/秒",
        "p50_ms": "p50 毫秒",
        "p95_ms": "p95 毫秒",
        "p99_ms": "p99 毫秒",
        "max_ms": "最长 毫秒",
    },
    reasons="失败原因",
    reason="- {step}，{count} 次：{why}",
    comma="，",
)
LANGUAGES = (ENGLISH, CHINESE)


def shown_ms(value: float) -> str:
    """Milliseconds for people: 3.47, 12.3, 4,812."""
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def tick(value: float) -> str:
    """A number at an axis: 0.5, 400, 10,000."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def longer(run: Run, seconds: int) -> int:
    """How many seconds the run must take for a p99 of all its calls that isn't rough, in tens."""
    return -(-SURE_P99_CALLS * seconds // max(1, run.everything.calls) // 10) * 10
