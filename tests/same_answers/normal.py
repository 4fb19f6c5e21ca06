"""Removes what differs between runs of the same tree from answers."""

import json
import re

from tests.same_answers.exchanges import Answer

PLACEHOLDER_ADDRESS = b"http://127.0.0.1:9000/callback"
"""The address of the callback receiver in documents and recordings."""

VOLATILE_HEADERS = frozenset(
    {"date", "server", "content-length", "connection", "keep-alive", "transfer-encoding"}
)
IN_ANY_ORDER = re.compile(r"/_sim/corps/\w+/callbacks/knobs")
"""Paths whose answers have their keys in an order that differs between processes."""

_DURATION = re.compile(rb'("duration_(?:us|ms)":\s*)\d+')


def normal(path: str, answer: Answer, receiver: str) -> Answer:
    """The answer without durations, wall-clock times and the receiver's port."""
    headers = {
        name: value.replace(receiver, PLACEHOLDER_ADDRESS.decode())
        for name, value in sorted(answer.headers.items())
        if name not in VOLATILE_HEADERS
    }
    body = answer.body.replace(receiver.encode(), PLACEHOLDER_ADDRESS)
    if headers.get("content-type", "").startswith("application/json"):
        body = _DURATION.sub(rb"\g<1>0", body)
    if IN_ANY_ORDER.fullmatch(path):
        body = json.dumps(answer.json(), sort_keys=True).encode()
    return Answer(answer.status, headers, body)
