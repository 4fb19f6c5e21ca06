"""What is delivered: the endpoint, the message and the result."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """Where an app receives callbacks, and the keys that sign and encrypt them."""

    corp_id: str
    agentid: int
    url: str
    token: str
    encoding_aes_key: str


@dataclass(frozen=True)
class CallbackMessage:
    """A callback to deliver. `attempts` were made before."""

    id: int
    xml: str
    attempts: int


@dataclass(frozen=True)
class Result:
    """What came of one attempt. `status` is 0 if no answer came; `error` then says why."""

    message: CallbackMessage
    status: int
    answer: str
    error: str
    duration_ms: int

    @property
    def arrived(self) -> bool:
        return self.status == 200
