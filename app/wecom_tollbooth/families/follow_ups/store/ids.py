"""follow_up_id and the number behind it, each computed from the other."""

_ODD = 0x9E3779B97F4A7C15
_BACK = pow(_ODD, -1, 2**64)
_MASK = 2**64 - 1
_LENGTH = 18


def follow_up_id(seq: int) -> str:
    """The id: "fu" and 16 hexadecimal digits, which do not show how many records there are."""
    return f"fu{seq * _ODD & _MASK:016x}"


def seq_of(text: str) -> int | None:
    """The number behind an id; None for a text that is not an id."""
    if len(text) != _LENGTH or not text.startswith("fu"):
        return None
    try:
        seq = int(text[2:], 16) * _BACK & _MASK
    except ValueError:
        return None
    return seq if seq < 2**63 and follow_up_id(seq) == text else None
