"""`python -m wecom_tollbooth.migrate ours URL`: the names of our tables in a database, one a line.

With `foreign` those of another program in the same database. See docs/moving-out.md.
"""

import sys

from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate.inspection import look
from wecom_tollbooth.settings import WrongSetting, load_settings


def main(whose: str, url: str) -> None:
    database = Database(load_settings(database_url=url, host="127.0.0.1", workers=1))
    try:
        found = look(database)
    finally:
        database.close()
    print(*(found.ours if whose == "ours" else found.foreign), sep="\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except WrongSetting as wrong:
        sys.exit(f"tollbooth: {wrong}")
    except TypeError:
        sys.exit(__doc__)
