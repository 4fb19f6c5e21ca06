"""What a database error means, whichever driver raised it."""


def is_conflict(error: Exception) -> bool:
    """Whether another transaction interfered, so that a retry can succeed."""
    return _kind(error) in {"UniqueViolation", "SerializationFailure", "DeadlockDetected"}


def is_duplicate(error: Exception) -> bool:
    """Whether a row with the same key exists. On PostgreSQL the transaction must then be rolled back."""
    return _kind(error) in {"UniqueViolation", "IntegrityError"}


def is_locked(error: Exception) -> bool:
    """Whether a SELECT … FOR UPDATE NOWAIT found its row locked by another transaction."""
    return _kind(error) == "LockNotAvailable"


def _kind(error: Exception) -> str:
    """The class name of the driver's own error, which SQLAlchemy may wrap."""
    return type(getattr(error, "orig", error)).__name__
