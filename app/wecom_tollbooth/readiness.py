"""Whether the server can answer calls now: its database works, and its file is the one that it opened."""

import asyncio
import logging

import anyio.to_thread

from wecom_tollbooth.db import Database
from wecom_tollbooth.db.failures import explained, place
from wecom_tollbooth.db.probe import touch
from wecom_tollbooth.file_lock import HeldFile

log = logging.getLogger("tollbooth.database")

SECONDS_TO_ANSWER = 2
"""The deadline of a check, in real time."""

SECONDS_BETWEEN_LOOKS = 5
"""How often a server looks at its file, in real time."""


class Readiness:
    def __init__(self, database: Database, file: HeldFile | None) -> None:
        self._database = database
        self._file = file
        self._check: asyncio.Task[str | None] | None = None
        self._told: str | None = None

    async def problem(self) -> str | None:
        """Why calls can't be answered, in one sentence; None when they can. Takes SECONDS_TO_ANSWER at most.

        Who asks while a check is under way waits for that one.
        """
        if (file_problem := self._look_at_file()) is not None:
            return file_problem
        check = self._check
        if check is None or check.done():
            check = self._check = asyncio.create_task(self._touch_database())
        done, _ = await asyncio.wait({check}, timeout=SECONDS_TO_ANSWER)
        if not done:
            return (
                f"the database has not answered within {SECONDS_TO_ANSWER} s: "
                f"{place(self._database.settings)}: see what holds it up, such as a lock or a slow disk"
            )
        return check.result()

    async def watch_file(self) -> None:
        """Looks at the file until it is cancelled, and logs once what has happened to it."""
        while self._file is not None:
            self._look_at_file()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def _look_at_file(self) -> str | None:
        problem = None if self._file is None else self._file.problem()
        if problem is not None and problem != self._told:
            log.error("%s", problem)
        self._told = problem
        return problem

    async def _touch_database(self) -> str | None:
        try:
            await anyio.to_thread.run_sync(touch, self._database, SECONDS_TO_ANSWER, abandon_on_cancel=True)
        except Exception as error:
            return f"the database can't be read and written: {explained(error, self._database.settings)}"
        return None
