"""The cold start: from the command to the first answered call."""

import time

import httpx

from bench.process import ServerProcess


def first_answer_seconds(server: ServerProcess, path: str) -> float:
    """Starts `server` and tells how long it took until a GET of `path` was answered with errcode 0."""
    start = time.perf_counter()
    server.start()
    with httpx.Client(base_url=server.base_url, timeout=60) as http:
        reply = http.get(path).json()
    assert reply["errcode"] == 0, reply
    return time.perf_counter() - start
