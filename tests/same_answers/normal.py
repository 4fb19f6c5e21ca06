"""What may differ from run to run though nothing changed: the one place that takes it out of answers."""

import json
import re

from tests.same_answers.exchanges import Answer

PLACEHOLDER_ADDRESS = b"http://127.0.0.1:9000/callback"
"""The receiver of callbacks, as documents and recordings write it."""

VOLATILE_HEADERS = frozenset(
    {"date", "server", "content-length", "connection", "keep-alive", "transfer-encoding"}
)
IN_ANY_ORDER = re.compile(r"/_sim/corps/\w+/callbacks/knobs")
"""Paths whose answer has its keys in an order that is another one in each process."""

_DURATION = re.compile(rb'("duration_(?:us|ms)":\s*)\d+')


def normal(path: str, answer: Answer, receiver: str) -> Answer:
    """The answer without durations, the time of day and the port that the receiver happens to have."""
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
