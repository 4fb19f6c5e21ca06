"""Mixes: valid files, how placeholders are filled, and what is remembered of an answer."""

from pathlib import Path
from random import Random

import pytest

from wecom_tollbooth.loadtest.mixes import WrongMix, fill, pick, read_mix, shipped

STEP = '[[step]]\nname = "list"\npath = "/list"\n'


def test_every_shipped_mix_is_valid() -> None:
    assert "sales-team" in shipped()
    for name in shipped():
        mix = read_mix(name)
        assert mix.name == name
        assert mix.title_zh
        assert mix.title_en
        assert all(step.title_zh for step in (*mix.begin, *mix.step))


def test_a_text_that_is_only_a_placeholder_becomes_the_value_of_any_type() -> None:
    values = {"card": {"id": "fu1", "version": 3}, "userid": "lisi"}
    template = {"id": "{card.id}", "version": "{card.version}", "of": ["card {card.id} of {userid}"], "n": 1}
    assert fill(template, values) == {"id": "fu1", "version": 3, "of": ["card fu1 of lisi"], "n": 1}


def test_pick_takes_one_of_the_existing_values() -> None:
    board = {"stages": [{"cards": []}, {"cards": [{"id": "a"}, {"id": "b"}]}]}
    found = {pick(board, "stages.*.cards.*.id", Random(number)) for number in range(40)}
    assert found == {"a", "b"}


def test_pick_returns_none_without_a_value() -> None:
    assert pick({"stages": [{"cards": []}]}, "stages.*.cards.*", Random(1)) is None
    assert pick({"errcode": 0}, "token", Random(1)) is None
    assert pick([], "token", Random(1)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "m"\nstep = []\n', "mix.toml: step: "),
        (f'name = "m"\nspeed = 3\n{STEP}', "mix.toml: speed: "),
        (f'name = "m"\nthink_seconds = [2.0, 1.0]\n{STEP}', "mix.toml: think_seconds: "),
        (f'name = "m"\n{STEP}weight = 0\n', "mix.toml: step: at least one needs a weight above 0"),
        (f'name = "m"\n{STEP}body = {{ id = "{{card}}" }}\n', "step 'list': no step keeps 'card'"),
        (
            f'name = "m"\n[[begin]]\nname = "b"\npath = "/{{late}}"\n{STEP}keep = {{ late = "x" }}\n',
            "begin 'b': nothing before it keeps 'late'",
        ),
        (
            f'name = "m"\n[[begin]]\nname = "list"\npath = "/"\n{STEP}',
            "begin 'list': a step has the same name",
        ),
        ("name = ", "mix.toml: "),
    ],
)
def test_a_wrong_mix_is_refused_with_its_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mix.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongMix) as refused:
        read_mix(str(tmp_path / "mix.toml"))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_mix_is_refused_with_the_shipped_mixes() -> None:
    with pytest.raises(WrongMix, match="sales-team"):
        read_mix("nowhere.toml")
