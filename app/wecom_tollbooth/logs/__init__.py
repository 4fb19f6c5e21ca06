"""The one logging configuration: of our loggers and uvicorn's, as text for people or JSON for programs.

A record about a call carries the call's hint, by which the journal finds it: `extra={"hint": ...}`. Whatever
else is given as `extra` becomes a field of the JSON.
"""

from wecom_tollbooth.logs.calls import CallFormatter, log_call
from wecom_tollbooth.logs.configuration import configuration, configure
from wecom_tollbooth.logs.formats import JsonFormatter, TextFormatter
from wecom_tollbooth.logs.repeated_errors import RepeatedErrors

__all__ = [
    "CallFormatter",
    "JsonFormatter",
    "RepeatedErrors",
    "TextFormatter",
    "configuration",
    "configure",
    "log_call",
]
