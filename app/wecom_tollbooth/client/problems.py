"""What is wrong with a signature or a call, for the author of the page."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["url", "noncestr", "timestamp", "ticket", "domain", "signature", "call"]
"""`signature`: how it was computed. `call`: everything that has nothing to do with signing."""


@dataclass(frozen=True)
class Problem:
    part: Part
    chinese: str
    english: str
