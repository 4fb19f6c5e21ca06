"""Every setting of the server: an environment variable with the prefix TOLLBOOTH_, or a line of `.env`.

A wrong value or an unknown TOLLBOOTH_ name stops the start with one line: its source, its name, what is
wrong, and the fix. A bare DATABASE_URL belongs to somebody else's program: it isn't read, but reported.
"""

from wecom_tollbooth.settings.loading import (
    about_what_is_not_read,
    load_settings,
    read_settings,
    shown_value,
)
from wecom_tollbooth.settings.model import Settings
from wecom_tollbooth.settings.sources import WrongSetting, env_file, environment_name, place_of

__all__ = [
    "Settings",
    "WrongSetting",
    "about_what_is_not_read",
    "env_file",
    "environment_name",
    "load_settings",
    "place_of",
    "read_settings",
    "shown_value",
]
