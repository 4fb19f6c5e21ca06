"""Work of the control API that needs more ids than are reserved is run again with more of them."""

import asyncio
from typing import Any

from tests.conftest import RunningServer
from wecom_tollbooth.db import ID_BLOCK, Transaction


def test_work_gets_as_many_ids_as_it_needs(start_server: Any) -> None:
    server: RunningServer = start_server()  # a shared one may have reserved many
    runs: list[int] = []

    def work(tx: Transaction) -> list[int]:
        context = server.server.context(tx)
        runs.append(0)
        return [context.next_id() for _ in range(5 * ID_BLOCK)]

    numbers = asyncio.run(server.server.run(work))
    assert len(set(numbers)) == 5 * ID_BLOCK
    assert len(runs) == 2
