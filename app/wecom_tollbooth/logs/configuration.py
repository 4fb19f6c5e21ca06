"""What `logging.config.dictConfig` and uvicorn are given."""

from typing import Any

from wecom_tollbooth.settings import Settings

_OF_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
"""Without handlers of their own, which uvicorn's default configuration gives them."""


def configure(settings: Settings) -> None:
    """Sets up the logging of this process. uvicorn does it itself for the workers that it starts."""
    from logging.config import dictConfig

    dictConfig(configuration(settings))


def configuration(settings: Settings) -> dict[str, Any]:
    """Plain data, which uvicorn hands to worker processes.

    Warnings and errors go to stderr, a line for each call (`log_calls`) to stdout.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "wecom_tollbooth.logs.TextFormatter"},
            "json": {"()": "wecom_tollbooth.logs.JsonFormatter"},
            "calls": {"()": "wecom_tollbooth.logs.CallFormatter"},
        },
        "filters": {"repeated_errors": {"()": "wecom_tollbooth.logs.RepeatedErrors"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": settings.log_format,
                "filters": ["repeated_errors"],
            },
            "stdout": {
                "class": "logging.StreamHandler",
                "formatter": "json" if settings.log_format == "json" else "calls",
                "stream": "ext://sys.stdout",
            },
        },
        "loggers": {
            **{name: {"handlers": [], "propagate": True} for name in _OF_UVICORN},
            "tollbooth.calls": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
