"""Retention: callbacks, attempts, act records and the call journal are bounded by count and by age.

What is sent to people is bounded by age alone: phones, messages of apps, mass messages, moments.

The ledger is not: nothing here touches it. A callback that waits is never removed. What was removed is
counted per corp (tables.py) and shown by the control API. bounds.py says what is kept, sweep.py removes the
rest in slices of a few milliseconds, retention.py decides when, and gives back the room in a SQLite file.
"""

from wecom_tollbooth.retention.bounds import Bound, bounds_of
from wecom_tollbooth.retention.retention import Retention

__all__ = ["Bound", "Retention", "bounds_of"]
