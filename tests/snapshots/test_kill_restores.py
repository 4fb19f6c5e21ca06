"""The server is killed in the middle of a restore, a reset or an import: it is done later, or never was."""

import random
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.process import TOLLBOOTH, ServerProcess
from tests.slow.test_kill_long_actions import World

pytestmark = pytest.mark.slow

ROUNDS, CUSTOMERS = 9, 5_000


def kill_during(world: World, server: ServerProcess, rng: random.Random, path: str, **what: Any) -> bool:
    answered = threading.Event()

    def ask() -> None:
        try:
            world.sim.post(path, **what).raise_for_status()
        except httpx.TransportError:
            return
        answered.set()

    thread = threading.Thread(target=ask)
    thread.start()
    answered.wait(rng.uniform(0.02, 0.8))
    came = answered.is_set()
    server.kill()
    thread.join()
    server.start()
    return came


def test_killed_restores_resets_and_imports_are_whole_or_never_were(tmp_path: Path) -> None:
    file = tmp_path / "killed.db"
    server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": f"sqlite:///{file}"})
    server.start()
    rng = random.Random(20261201)
    killed = 0
    try:
        world = World(server, file)
        wanted = {"seed": "demo", "members": 5, "customers": CUSTOMERS, "activity": False}
        corpid = world.sim.post("/corps", json=wanted).json()["corpid"]
        world.sim.post(f"/corps/{corpid}/snapshots", json={"name": "s"}).raise_for_status()
        exported = world.sim.get(f"/corps/{corpid}/export").content
        count = "SELECT count(*) FROM external_contact WHERE corp_id = ?"
        for number in range(ROUNDS):
            world.sim.post(f"/corps/{corpid}/seed", json={"customers": 50}).raise_for_status()
            if number % 3 == 2:
                before = world.corpids()
                came = kill_during(
                    world, server, rng, "/corps/import", params={"new_id": True}, content=exported
                )
                world.settle()
                new = world.corpids() - before
                assert len(new) == 1 if came else len(new) <= 1
                for made in new:
                    assert world.rows(count, made) == [(CUSTOMERS,)]
            else:
                path = f"/corps/{corpid}/snapshots/s/restore" if number % 3 == 0 else f"/corps/{corpid}/reset"
                came = kill_during(world, server, rng, path)
                world.settle()
                # A reset takes along what was added to the seed.
                (found,) = world.rows(count, corpid)[0]
                assert found >= CUSTOMERS
                assert (found - CUSTOMERS) % 50 == 0
                assert world.sim.post(f"/corps/{corpid}/snapshots/s/restore").status_code == 200
                assert world.rows(count, corpid) == [(CUSTOMERS,)]
            killed += not came
            assert world.corps_with_rows() == world.corpids()
            assert world.is_intact()
    finally:
        server.stop()
    assert killed > ROUNDS // 3
