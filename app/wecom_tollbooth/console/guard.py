"""What every request to the console passes: login by the admin token, and the modes that a browser chose.

The cookie of a login holds its end and a signature by the admin token, so it is valid after a restart, in
every process, and no longer once the token has changed. Requests that change something come with a header
that a foreign page cannot send.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from starlette.requests import HTTPConnection

LOGIN_COOKIE = "tollbooth_console"
LANGUAGE_COOKIE = "tollbooth_language"
MODE_COOKIE = "tollbooth_console_mode"
OWN_HEADER = "x-tollbooth-console"
"""Sent by our own scripts; a page of another origin may not send it."""
SECONDS_LOGGED_IN = 12 * 3600

HIDDEN = "••••••"
SECRET_FIELDS = frozenset(
    {
        "secret",
        "corpsecret",
        "suite_secret",
        "provider_secret",
        "token",
        "callback_token",
        "encoding_aes_key",
        "access_token",
        "suite_access_token",
        "provider_access_token",
        "suite_ticket",
        "permanent_code",
        "jsapi_ticket",
    }
)
"""What the presenter mode hides, anywhere in an answer."""


@dataclass(frozen=True)
class Modes:
    """How a browser looks at the console. `read_only` changes nothing; `presenter` shows no secret."""

    read_only: bool = False
    presenter: bool = False

    def hide(self, value: object) -> object:
        """The JSON value without secrets in presenter mode; as it is otherwise."""
        return _without_secrets(value) if self.presenter else value

    def shown_secret(self, secret: str) -> str:
        return HIDDEN if self.presenter else secret


class Login:
    """Who may come in. Without an admin token everybody may, as with the control API."""

    def __init__(self, admin_token: str) -> None:
        self._admin_token = admin_token.encode()

    @property
    def is_needed(self) -> bool:
        return bool(self._admin_token)

    def cookie_for(self, given: str) -> str | None:
        """The cookie for somebody who gave this token; None for a wrong one."""
        if not hmac.compare_digest(given.encode(), self._admin_token):
            return None
        until = str(int(time.time()) + SECONDS_LOGGED_IN)
        return f"{until}.{self._signature(until)}"

    def lets_in(self, request: HTTPConnection) -> bool:
        if not self.is_needed:
            return True
        until, _, signature = request.cookies.get(LOGIN_COOKIE, "").partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(until).encode()):
            return False
        return until.isdecimal() and int(until) > time.time()

    def _signature(self, until: str) -> str:
        return hmac.new(self._admin_token, f"console {until}".encode(), hashlib.sha256).hexdigest()


def modes_of(request: HTTPConnection, *, always_read_only: bool) -> Modes:
    chosen = request.cookies.get(MODE_COOKIE, "").split("-and-")
    return Modes(read_only=always_read_only or "read_only" in chosen, presenter="presenter" in chosen)


def mode_cookie(modes: Modes) -> str:
    names = {"read_only": modes.read_only, "presenter": modes.presenter}
    return "-and-".join(name for name, on in names.items() if on)


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: HIDDEN
            if name in SECRET_FIELDS and isinstance(held, str) and held
            else _without_secrets(held)
            for name, held in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(held) for held in value]
    return value
