"""docs/load-test.md: its commands and its mix are valid."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.project.markdown import DOCS, blocks, named
from wecom_tollbooth import cli
from wecom_tollbooth.loadtest.mixes import read_mix

PAGES = [DOCS / "load-test.md", DOCS / "load-test.zh-CN.md"]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_of_the_page_is_valid(page: Path) -> None:
    lines = [line for block in blocks(page) if block.language == "sh" for line in block.text.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("tollbooth ")]
    assert len(commands) == 5
    load = typer.main.get_command(cli.app)
    for words in commands:
        assert words[:2] == ["load", "follow-up"]
        command: Any = load
        for word in words[:2]:
            command = command.commands[word]
        command.make_context("tollbooth", words[2:])  # raises for an unknown option


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_mix_of_the_page_is_valid(page: Path, tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(page) if block.language == "toml"]
    (tmp_path / "our-crm.toml").write_text(text, encoding="utf-8")
    mix = read_mix(str(tmp_path / "our-crm.toml"))
    assert [step.name for step in (*mix.begin, *mix.step)] == ["sign in", "board", "move"]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_weights_of_the_page_equal_the_mix(page: Path) -> None:
    listed = re.search(r"^(?:The mix|操作组合).*?(?:\n\n|\Z)", page.read_text(encoding="utf-8"), re.M | re.S)
    assert listed
    numbers = sorted(int(number) for number in re.findall(r"[(（](\d+)[)）]", listed[0]))
    assert numbers == sorted(step.weight for step in read_mix("sales-team").step)
