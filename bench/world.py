"""The corp that is measured, and the calls that are made."""

import itertools
import random
import statistics
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.driver import Endless, request

UPLOADIMG = "/cgi-bin/media/uploadimg"
IMAGE_BYTES = 1_000_000
CUSTOMERS = 10_000
DRIVEN_CUSTOMERS = 1_000
"""Customers that the calls go to in turn, so that no single row stays cached."""
BATCH = 100
EMPTY_CORPS = 20


@dataclass
class Measured:
    """One operation; `target` is the least ratio to the bare route, `customers` those in one answer."""

    path: str
    requests: Sequence[bytes]
    target: float | None = None
    customers: int = 0

    @property
    def name(self) -> str:
        return self.path.removeprefix("/cgi-bin/externalcontact/")


@dataclass
class Corp:
    token: str
    followed: list[tuple[str, str]]
    """(external_userid, userid) of some customers."""
    tag_id: str
    userid: str


def empty_corp_seconds(base_url: str) -> float:
    """The median seconds to create a corp without customers."""
    times = []
    # One client for all: a new one loads certificates, which takes longer than creating the corp.
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for _ in range(EMPTY_CORPS):
            start = time.perf_counter()
            client.post("/_sim/corps", json={}).raise_for_status()
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def make_corp(base_url: str) -> tuple[Corp, float]:
    """A corp of the seed `demo` with CUSTOMERS customers, and the seconds it took to create."""
    start = time.perf_counter()
    made = httpx.post(
        f"{base_url}/_sim/corps", json={"seed": "demo", "customers": CUSTOMERS}, timeout=600
    ).raise_for_status()
    seconds = time.perf_counter() - start
    corp = made.json()
    secret = corp["apps"][0]["secret"]
    with httpx.Client(base_url=f"{base_url}/cgi-bin/", timeout=60) as http:
        token = http.get("gettoken", params={"corpid": corp["corpid"], "corpsecret": secret}).json()[
            "access_token"
        ]
        by_token = {"access_token": token}
        members = http.get("externalcontact/get_follow_user_list", params=by_token).json()["follow_user"]
        tags = http.post("externalcontact/get_corp_tag_list", params=by_token, json={}).json()["tag_group"]
        followed: list[tuple[str, str]] = []
        for userid in members:
            listed = http.get("externalcontact/list", params={**by_token, "userid": userid}).json()
            followed += [(customer, userid) for customer in listed["external_userid"]]
    some = followed[:: len(followed) // DRIVEN_CUSTOMERS][:DRIVEN_CUSTOMERS]
    return Corp(token, some, tags[0]["tag"][0]["id"], members[0]), seconds


def measured_operations(corp: Corp) -> list[Measured]:
    by_token = {"access_token": corp.token}

    def post(path: str, **body: Any) -> bytes:
        return request(path, by_token, body)

    get, remark = "/cgi-bin/externalcontact/get", "/cgi-bin/externalcontact/remark"
    mark_tag, batch = "/cgi-bin/externalcontact/mark_tag", "/cgi-bin/externalcontact/batch/get_by_user"
    tag_list = "/cgi-bin/externalcontact/get_corp_tag_list"
    numbers = itertools.count()
    return [
        Measured(
            get,
            [request(get, {**by_token, "external_userid": customer}) for customer, _ in corp.followed],
            target=0.5,
        ),
        Measured(
            remark,
            [
                post(remark, userid=userid, external_userid=customer, remark=f"备注 {next(numbers)}")
                for customer, userid in corp.followed
            ],
            target=0.25,
        ),
        # Adds the tag to all customers, then removes it from all: each call changes something.
        Measured(
            mark_tag,
            [
                post(mark_tag, userid=userid, external_userid=customer, **{change: [corp.tag_id]})
                for change in ("add_tag", "remove_tag")
                for customer, userid in corp.followed
            ],
            target=0.25,
        ),
        Measured(batch, [post(batch, userid_list=[corp.userid], limit=BATCH)], customers=BATCH),
        Measured(tag_list, [post(tag_list)]),
        Measured(UPLOADIMG, Endless(_upload_of_a_new_image(by_token)), target=0.5),
    ]


def _upload_of_a_new_image(query: dict[str, str]) -> Callable[[], bytes]:
    """Makes requests that upload a PNG of IMAGE_BYTES, each with another content."""
    numbers = itertools.count()
    size = struct.pack(">IIBBBBB", 1_000, 1_000, 8, 0, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", len(size), b"IHDR") + size + bytes(4)
    end = struct.pack(">I4s", 0, b"IEND") + bytes(4)
    filling = random.Random(1).randbytes(IMAGE_BYTES - len(begin) - len(end) - 8)
    part = b'--bench\r\nContent-Disposition: form-data; name="media"; filename="a.png"\r\n\r\n'
    head = f"POST {UPLOADIMG}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    head += b"Content-Type: multipart/form-data; boundary=bench\r\n"
    last = filling + end + b"\r\n--bench--\r\n"
    length = len(part) + len(begin) + 8 + len(last)
    first = head + b"Content-Length: %d\r\n\r\n" % length + part + begin

    def make() -> bytes:
        return b"".join((first, struct.pack(">Q", next(numbers)), last))

    return make
