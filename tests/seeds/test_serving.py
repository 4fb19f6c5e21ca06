"""`tollbooth serve --seed` starts with a corp."""

from pathlib import Path
from typing import Any

import httpx

from tests.server.test_start import tollbooth as tollbooth


def test_serve_makes_the_corp_of_a_seed_file_once(tollbooth: Any, tmp_path: Path) -> None:
    seed = tmp_path / "shop.yaml"
    seed.write_text("name: 湖滨奶茶\nmembers: [{userid: zhangsan}]\n", encoding="utf-8")
    for state in ("新建 new", "沿用 existing"):
        started = tollbooth("serve", "--port", "0", "--seed", str(seed))
        address = started.next_line().split()[3]
        assert started.next_line() == f"湖滨奶茶 ({state})"
        [corp] = httpx.get(f"{address}/_sim/corps").json()["corps"]
        assert corp["name"] == "湖滨奶茶"
        assert started.stop()[0] == 0
    seed.write_text("members: [{userid: a}, {userid: a}]\n", encoding="utf-8")
    status, told = tollbooth("serve", "--port", "0", "--seed", str(seed)).ended()
    assert status == 2
    assert "shop.yaml: line 1, members[1].userid: the userid 'a' is taken, by line 1" in told
