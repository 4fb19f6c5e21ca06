"""What is delivered: the endpoint, the message and the result."""

from dataclasses import dataclass

from wecom_tollbooth.faults.meeting import Met


@dataclass(frozen=True)
class Endpoint:
    """Where an app receives callbacks, and the keys that sign and encrypt them."""

    corp_id: str
    agentid: int
    url: str
    token: str
    encoding_aes_key: str


@dataclass(frozen=True)
class OwnAddress:
    """An address that a call named for the one callback that it leads to, with its keys."""

    url: str
    token: str
    encoding_aes_key: str


@dataclass(frozen=True)
class CallbackMessage:
    """A callback to deliver. `attempts` were made before; `address` is where it goes, if not to the app's.

    `fault` is the planned fault that this attempt meets.
    """

    id: int
    xml: str
    attempts: int
    address: OwnAddress | None = None
    fault: Met | None = None


@dataclass(frozen=True)
class Result:
    """What came of one attempt. `status` is 0 if no answer came; `error` then says why.

    `body` is what the receiver answered, up to 64 KiB, as it was sent. `cut`: the server stopped before the
    answer came.
    """

    message: CallbackMessage
    at: int
    url: str
    status: int = 0
    body: bytes = b""
    error: str = ""
    duration_ms: int = 0
    cut: bool = False

    @property
    def arrived(self) -> bool:
        return self.status == 200


class EndpointRefused(Exception):
    """An address that failed its verification; the text names the check."""
