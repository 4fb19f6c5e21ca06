"""A callback on its way: where to, what, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """Where an app hears callbacks, and the keys they are signed and encrypted with."""

    corp_id: str
    agentid: int
    url: str
    token: str
    encoding_aes_key: str


@dataclass(frozen=True)
class CallbackMessage:
    """One callback on its way."""

    id: int
    xml: str
    attempts: int


@dataclass(frozen=True)
class Result:
    message: CallbackMessage
    status: int
    answer: str
    error: str
    duration_ms: int

    @property
    def arrived(self) -> bool:
        return self.status == 200
