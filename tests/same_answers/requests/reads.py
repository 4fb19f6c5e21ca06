"""Final reads of the control API: bills, journals, callbacks and everything else."""

from collections.abc import Sequence
from typing import Any

from tests.same_answers.exchanges import in_json
from tests.same_answers.recorder import Recorder

ABOUT_SERVER = (
    "/", "/docs", "/openapi.json", "/favicon.ico",
    "/_sim/health", "/_sim/operations", "/_sim/acts", "/_sim/clock",
)  # fmt: skip
ABOUT_ALL = (
    "/corps", "/usage", "/statement", "/statement?format=csv", "/statement?format=html",
    "/statement?month=2027-01", "/ledger/verify",
)  # fmt: skip
ABOUT_CORP = (
    "", "/usage", "/statement", "/statement?format=csv", "/statement?format=html", "/statement?month=2026-11",
    "/statement?price_book=wecom-2025", "/statement?price_book=wecom-2022,wecom-2025", "/budget",
    "/contact_scale", "/latency", "/licences", "/corp_groups", "/temp_chats", "/callbacks/knobs",
    "/ledger?meter=refused", "/ledger?meter=customer.list", "/ledger/verify",
    "/calls?refused=true&limit=50", "/calls?warned=true&limit=50", "/calls?errcode=0&limit=50",
    "/callbacks?state=kept&limit=20", "/callbacks?change_type=add_external_contact",
)  # fmt: skip
PAGED = (("/calls", "cursor", "next_cursor"), ("/callbacks", "after", "next"))
MOST_PAGES = 20


def read_server(recorder: Recorder) -> None:
    """Reads that do not depend on the calls made."""
    for path in ABOUT_SERVER:
        recorder.send(in_json("GET", path))


def read_everything(recorder: Recorder, corps: Sequence[str], providers: Sequence[str] = ()) -> None:
    """Reads everything about each corp and then the server; the last step on a server."""
    recorder.settle(last=True)
    for corpid in dict.fromkeys(corps):
        read_corp(recorder, corpid)
    for provider_id in dict.fromkeys(providers):
        for path in ("", "/statement", "/statement?format=csv", "/statement?format=html"):
            recorder.sim("GET", f"/providers/{provider_id}{path}")
    for path in ABOUT_ALL:
        recorder.sim("GET", path)
    read_pages(recorder, "/calls", "cursor", "next_cursor")


def read_corp(recorder: Recorder, corpid: str) -> None:
    for path in ABOUT_CORP:
        recorder.sim("GET", f"/corps/{corpid}{path}")
    recorder.sim("POST", f"/corps/{corpid}/statement", {"price_books": ["wecom-2025"]})
    for path, asked, told in PAGED:
        read_pages(recorder, f"/corps/{corpid}{path}", asked, told)


def read_pages(recorder: Recorder, path: str, asked: str, told: str) -> None:
    """All pages of a list; `told` is the reply's field of the next cursor, `asked` the request's."""
    place: Any = None
    for _ in range(MOST_PAGES):
        query = {"limit": 500} if place is None else {"limit": 500, asked: place}
        page = recorder.sim("GET", path, **query)
        place = page.get(told) if isinstance(page, dict) else None
        if not place:
            return
