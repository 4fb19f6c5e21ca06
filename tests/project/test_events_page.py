"""docs/events.md and docs/events.zh-CN.md are up to date, and have every event in both languages."""

from pathlib import Path

import pytest

from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.event import Event, fields_of
from wecom_tollbooth.events_page import __main__ as command
from wecom_tollbooth.events_page.page import PAGES, render
from wecom_tollbooth.families import load_families


def test_the_pages_are_up_to_date() -> None:
    assert command.main(["--check"]) == 0, "run `make events-page`"


def test_an_outdated_page_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "DOCS", tmp_path)
    assert command.main(["--check"]) == 1
    assert "make events-page" in capsys.readouterr().err
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    (tmp_path / PAGES[1]).write_text("old", encoding="utf-8")
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().err == f"out of date: {PAGES[1]}; run `make events-page`\n"


def _heading(event: type[Event]) -> str:
    return " ".join(f"`{part}`" for part in (event.event, event.change_type()) if part)


@pytest.mark.parametrize("name", PAGES)
def test_every_event_and_field_is_on_the_page(name: str) -> None:
    sections = render(name, load_families()).split("\n### ")[1:]
    by_heading = {section.partition("\n")[0]: section for section in sections}
    assert sorted(by_heading) == sorted(_heading(event) for event in EVENTS)
    for event in EVENTS:
        section = by_heading[_heading(event)]
        assert event.titles()[PAGES.index(name)] in section
        for field in fields_of(event):
            assert f"\n| `{field.name}` |" in section
        for field_name in event.not_sent:
            assert f"`{field_name}`" in section
