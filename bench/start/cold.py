"""The cold start: from `tollbooth serve` to the first answered call, with 10,000 customers on file.

`python -m bench.start.cold` prints it; `measure()` gives it to the bench.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import httpx

from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import migrate
from wecom_tollbooth.seeds import NewCorp, make_corp
from wecom_tollbooth.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = 10_000
STARTS = 7
TARGET_SECONDS = 1.5
SECONDS_TO_STOP = 30


@dataclass(frozen=True)
class Start:
    """Wall-clock seconds until the first answer, and processor seconds until the end."""

    wall: float
    processor: float


def measure() -> list[tuple[str, str]]:
    """The measurements, as (label, figure)."""
    made = starts()
    wall = [start.wall for start in made]
    alone = [libraries_alone().wall for _ in range(STARTS)]
    return [
        (f"cold start, {CUSTOMERS:,} customers, median of {STARTS}", f"{statistics.median(wall):.2f} s"),
        ("cold start, quickest", f"{min(wall):.2f} s"),
        ("cold start, processor time, least", f"{min(start.processor for start in made):.2f} s"),
        ("importing FastAPI, SQLModel and uvicorn alone, least", f"{min(alone):.2f} s"),
        ("cold start, target", f"{TARGET_SECONDS:.2f} s"),
    ]


def libraries_alone() -> Start:
    """A process that only imports the server's libraries, to show the speed of the machine."""
    used_before, begun = _processor_seconds(), time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi, sqlmodel, uvicorn"], check=True)
    return Start(time.perf_counter() - begun, _processor_seconds() - used_before)


def starts() -> list[Start]:
    """Several starts: each starts the process, opens the database and reads one customer."""
    with tempfile.TemporaryDirectory(prefix="cold-start-") as name:
        folder = Path(name)
        database = Database(Settings(database_url=f"sqlite:///{folder}/tollbooth.db"))
        migrate(database)
        corpid = make_corp(database, NewCorp("冷启动", "demo", members=20, customers=CUSTOMERS))
        database.close()
        _, address, process = _started(folder)
        question = _question(address, corpid)
        _stop(process)
        return [_first_answer(folder, question) for _ in range(STARTS)]


def _first_answer(folder: Path, question: str) -> Start:
    used_before = _processor_seconds()
    begun, address, process = _started(folder)
    try:
        with urllib.request.urlopen(address + question, timeout=SECONDS_TO_STOP) as answer:
            reply = json.load(answer)
        wall = time.perf_counter() - begun
    finally:
        _stop(process)
    assert reply["errcode"] == 0, reply
    return Start(wall, _processor_seconds() - used_before)


def _processor_seconds() -> float:
    """Processor time of ended child processes, which a busy machine affects little."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _started(folder: Path) -> tuple[float, str, "subprocess.Popen[str]"]:
    """When the process was started, its address once it listens, and the process."""
    # Nothing else, so that the developer's own settings don't apply.
    environment = {"PYTHONPATH": str(ROOT / "app"), "PATH": ""}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "wecom_tollbooth", "serve", "--port", "0"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    match = re.search(r"http://\S+", process.stdout.readline())
    assert match is not None, "the server didn't start; see its output above"
    return begun, match[0], process


def _question(address: str, corpid: str) -> str:
    """The first call to answer: one customer, with a token that stays valid across starts."""
    with httpx.Client(base_url=address) as http:
        app = http.get(f"/_sim/corps/{corpid}").json()["apps"][0]
        secret = {"corpid": corpid, "corpsecret": app["secret"]}
        token = http.get("/cgi-bin/gettoken", params=secret).json()["access_token"]
        wanted = {"access_token": token, "userid": "zhangsan"}
        customer = http.get("/cgi-bin/externalcontact/list", params=wanted).json()["external_userid"][0]
    return f"/cgi-bin/externalcontact/get?access_token={token}&external_userid={customer}"


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(SECONDS_TO_STOP)


def main() -> int:
    for label, figure in measure():
        print(f"{label:55} {figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
