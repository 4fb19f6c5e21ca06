"""The documents are correct: links have targets, examples run, and nothing is missing.

An undocumented setting, control call, act or price book fails here.
"""

import functools
import json
import re
import typing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from tests.callbacks.receiver import Query, Receiver
from tests.conftest import RunningServer
from tests.project.markdown import DOCS, DOCUMENTS, ROOT, anchors, blocks, example_request, named, prose, rows
from wecom_tollbooth import cli
from wecom_tollbooth.billing.price_books import Price, check_meters, read_price_book, shipped
from wecom_tollbooth.billing.price_books.model import Model
from wecom_tollbooth.billing.price_books.shapes import every_key
from wecom_tollbooth.billing.rating import rate
from wecom_tollbooth.callbacks import crypto
from wecom_tollbooth.families import load_families
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings, WrongSetting, environment_name, load_settings, shown_value
from wecom_tollbooth.sim_api.sections import SECTIONS
from wecom_tollbooth.world.acts import ACTS, ActKind

TEST_DATABASE = "TOLLBOOTH_TEST_DATABASE"
"""A variable of the suite, not a setting of the server."""

MISSPELT = "TOLLBOOTH_RATE_LIMIT"
"""The wrong name in settings.md's example of an error."""


# --- all documents ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_between_documents_have_targets(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(linked), f"{target}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_images_are_files_of_the_project(document: Path) -> None:
    text = prose(document)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", text) + re.findall(
        r"(?:src|srcset)=\"([^\"]+)\"", text
    )
    assert [picture for picture in pictures if "://" in picture] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_document_has_a_path_of_a_machine(document: Path) -> None:
    folders = "|".join(("work", "root", "home", "tmp", "Users"))
    assert re.findall(rf"(?<![\w.])/(?:{folders})/\S*", document.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_document_has_the_host_of_a_package_registry(document: Path) -> None:
    # Written in pieces, so that this file names none of them itself.
    hosts = [".".join(pieces) for pieces in (("pypi", "org"), ("npmjs", "com"), ("npmjs", "org"))]
    hosts += [".".join(("files", "pythonhosted", "org")), ".".join(("proxy", "golang", "org"))]
    text = document.read_text(encoding="utf-8").lower()
    assert [host for host in hosts if host in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_settings_in_documents_exist(document: Path) -> None:
    known = {environment_name(field) for field in Settings.model_fields} | {TEST_DATABASE}
    mentioned = set(re.findall(r"\bTOLLBOOTH_[A-Z_]*[A-Z]\b(?!_)", document.read_text(encoding="utf-8")))
    assert mentioned - known <= ({MISSPELT} if document.name.startswith("settings.") else set())


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_files_in_documents_exist(document: Path) -> None:
    """Checks the name in `file::name` too."""
    mentioned = re.findall(r"`((?:app|tests|docs|bench|migrations)/[\w./-]+)(?:::(\w+))?`", prose(document))
    assert [path for path, _ in mentioned if not (ROOT / path).exists()] == []
    assert [
        f"{path}::{name}"
        for path, name in mentioned
        if name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []


# --- settings.md -----------------------------------------------------------------------------------------


def allowed(field: FieldInfo) -> str:
    """The `Allowed` cell of a setting."""
    if field.annotation is bool:
        return "on, off"
    if typing.get_origin(field.annotation) is typing.Literal:
        return ", ".join(str(choice) for choice in typing.get_args(field.annotation))
    bounds = {
        name: getattr(bound, name)
        for bound in field.metadata
        for name in ("ge", "gt", "le")
        if hasattr(bound, name)
    }
    match bounds:
        case {"ge": low, "le": high}:
            return f"{low} to {high}"
        case {"gt": low, "le": high}:
            return f"above {low}, to {high}"
        case {"ge": low}:
            return f"from {low}"
    return ""


def test_every_setting_is_documented_with_default_and_allowed_values() -> None:
    documented = {cells[0]: cells[1:3] for cells in rows(DOCS / "settings.md")}
    for name, field in Settings.model_fields.items():
        default = shown_value(field.default)
        expected = [f"`{default}`" if default else "", allowed(field)]
        assert documented.get(f"`{environment_name(name)}`") == expected, name


def test_the_chinese_page_names_the_same_settings_with_the_same_defaults() -> None:
    def documented(page: str) -> list[list[str]]:
        return [cells[:2] for cells in rows(DOCS / page) if cells[0].startswith("`TOLLBOOTH_")]

    assert documented("settings.zh-CN.md") == documented("settings.md")


def test_the_error_in_settings_md_is_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MISSPELT, "off")
    with pytest.raises(WrongSetting) as wrong:
        load_settings()
    assert str(wrong.value) in [block.text.strip() for block in blocks(DOCS / "settings.md")]


# --- control-api.md --------------------------------------------------------------------------------------

CONTROL_API, CONTROL_API_ZH = DOCS / "control-api.md", DOCS / "control-api.zh-CN.md"
CONTROL_APIS = [CONTROL_API, CONTROL_API_ZH]


@functools.cache
def openapi() -> dict[str, Any]:
    application = create_app(Settings(database_url="sqlite:///:memory:"))
    document = application.openapi()
    application.state.server.close()
    return document


def control_calls() -> dict[str, list[str]]:
    """The control calls of each tag, such as "GET /_sim/clock", without those under old paths."""
    calls: dict[str, list[str]] = {}
    for path, methods in openapi()["paths"].items():
        for method, described in methods.items():
            if path.startswith("/_sim/") and not described.get("deprecated"):
                calls.setdefault(described["tags"][0], []).append(f"{method.upper()} {path}")
    return calls


def old_names() -> set[str]:
    """The deprecated fields, which examples leave out."""
    schemas = openapi()["components"]["schemas"].values()
    return {
        name
        for schema in schemas
        for name, field in schema.get("properties", {}).items()
        if field.get("deprecated")
    }


@pytest.mark.parametrize("document", CONTROL_APIS, ids=named)
def test_every_control_call_is_documented_in_its_section_and_no_other(document: Path) -> None:
    is_chinese = document is CONTROL_API_ZH
    calls = control_calls()
    expected = {
        section.title_zh if is_chinese else section.title_en: sorted(calls[section.tag])
        for section in SECTIONS
    }
    _, *parts = re.split(r"^## ", prose(document), flags=re.MULTILINE)
    documented = {
        part.partition("\n")[0]: sorted(re.findall(r"^### `([A-Z]+ /_sim\S*)`$", part, re.MULTILINE))
        for part in parts
    }
    assert documented.pop("旧名称" if is_chinese else "Old names") == []
    assert documented == expected
    assert list(documented) == list(expected)


def test_both_pages_of_the_control_api_show_the_same_examples() -> None:
    assert blocks(CONTROL_API) == blocks(CONTROL_API_ZH)


@pytest.mark.parametrize("document", CONTROL_APIS, ids=named)
def test_every_old_name_is_documented(document: Path) -> None:
    old = set(old_names())
    for path, methods in openapi()["paths"].items():
        if any(method.get("deprecated") for method in methods.values()):
            old.add("…/" + path.partition("{corpid}/")[2])
    table = prose(document).rpartition("\n## ")[2]
    assert {cell.strip("`") for cell in re.findall(r"^\| [^|]+ \| (`[^`]+`)", table, re.MULTILINE)} == old


def act_row(kind: ActKind, document: Path) -> str:
    """The table row of an act: name, fields (with ? if optional), description."""
    fields = [
        f"`{name}`" if field.is_required() else f"`{name}`?"
        for name, field in kind.shape.model_fields.items()
    ]
    chinese, _, english = kind.title.partition(" / ")
    title = chinese if document is CONTROL_API_ZH else english
    return f"| `{kind.name}` | {', '.join(fields)} | {title} |"


@pytest.mark.parametrize("document", CONTROL_APIS, ids=named)
def test_exactly_the_acts_are_documented(document: Path) -> None:
    load_families()
    first = "| 动作 |" if document is CONTROL_API_ZH else "| act |"
    table = prose(document).partition(first)[2].partition("\n\n")[0].splitlines()
    assert table[2:] == [act_row(kind, document) for kind in ACTS]


class Reader:
    """Sends the examples of control-api.md to a server, one after the other."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.seen: dict[str, Any] = {}
        """Values from earlier answers, by the name in braces in the examples."""
        self.keys: dict[str, str] = {}
        """The newest app that was answered, for its encoding_aes_key."""
        self.receiver = Receiver(self.open_echo)

    def open_echo(self, query: Query) -> bytes:
        return crypto.decrypt(self.keys["encoding_aes_key"], query["echostr"], self.seen["corpid"])

    def send(self, example: str) -> dict[str, Any]:
        """Sends the example and returns the answer."""
        asked = example_request(example, self.receiver.url, self.seen)
        url = self.server.base_url + asked.path
        answer = httpx.request(asked.method, url, json=asked.content, timeout=60)
        assert answer.status_code == 200, f"{asked.first}: {answer.text}"
        reply: dict[str, Any] = answer.json()
        self.remember(reply)
        return reply

    def remember(self, reply: dict[str, Any]) -> None:
        self.seen |= {name: value for name, value in reply.items() if isinstance(value, str | int)}
        if "encoding_aes_key" in reply:
            self.keys = reply
        match reply.get("records"):
            case [{"id": record_id}, *_]:
                self.seen["record_id"] = record_id
        match reply.get("callbacks"):
            case [{"id": callback_id}, *_]:
                self.seen["callback_id"] = callback_id


def test_the_examples_of_the_control_api_run(start_server: Any) -> None:
    reader = Reader(start_server())
    examples = blocks(CONTROL_API)
    requests = [place for place, block in enumerate(examples) if block.language == "http"]
    assert requests
    for place in requests:
        first, shown = examples[place].text.splitlines()[0], examples[place + 1]
        reply = reader.send(examples[place].text)
        assert shown.language == "json", f"{first}: its answer is not shown"
        documented = json.loads(shown.text)
        assert set(documented) == set(reply) - old_names(), first
        refuse_difference(first, documented, reply)
    reader.receiver.close()


def refuse_difference(where: str, documented: Any, actual: Any) -> None:
    """Asserts that the answer has every documented field with its type; of lists, compares the first item."""
    if documented is None or actual is None:
        return
    assert type(documented) is type(actual), where
    if isinstance(documented, dict):
        for key, value in documented.items():
            assert key in actual, f"{where}: {key}"
            refuse_difference(f"{where}: {key}", value, actual[key])
    elif isinstance(documented, list) and documented and actual:
        refuse_difference(f"{where}[0]", documented[0], actual[0])


# --- fidelity.md -----------------------------------------------------------------------------------------


def test_every_guessed_operation_is_in_fidelity_md() -> None:
    text = (DOCS / "fidelity.md").read_text(encoding="utf-8")
    guesses = [operation.name for operation in load_families() if operation.fidelity == "guess"]
    assert [name for name in guesses if f"`{name.rpartition('/')[2]}`" not in text] == []


def test_no_section_of_fidelity_md_is_empty() -> None:
    sections = prose(DOCS / "fidelity.md").split("\n### ")[1:]
    assert [section.splitlines()[0] for section in sections if "\n- " not in section] == []


# --- price-books.md --------------------------------------------------------------------------------------


PRICE_BOOKS = [DOCS / "price-books.md", DOCS / "price-books.zh-CN.md"]
HEAD = 'name = "n"\ntitle = "t"\ncurrency = "CNY"\nsource = "s"\neffective = 2026-01-01\n'


def examples_of_prices(document: Path) -> list[tuple[Price, list[list[str]]]]:
    """Each price in the document, with the rows of the table after it."""
    example = re.compile(r"^```toml\n(\[\[price\]\].*?)^```\n\n((?:\|[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
    found = example.findall(document.read_text(encoding="utf-8"))
    return [
        (
            read_price_book(HEAD + text, document.name).prices[0],
            [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]],
        )
        for text, table in found
    ]


@pytest.mark.parametrize("document", PRICE_BOOKS, ids=named)
def test_the_price_book_example_is_valid(document: Path) -> None:
    (example,) = [block.text for block in blocks(document) if block.text.startswith("name = ")]
    book = read_price_book(example, document.name)
    book = check_meters(book, {operation.meter for operation in load_families()})
    assert book.missing == ()
    assert book.name == "double"


@pytest.mark.parametrize("document", PRICE_BOOKS, ids=named)
def test_every_price_example_gives_the_documented_amounts(document: Path) -> None:
    found = examples_of_prices(document)
    assert {price.model for price, _ in found} == set(typing.get_args(Model))
    for price, table in found:
        for row in table:
            if len(row) == 2:
                assert str(rate(price, int(row[0])).amount) == row[1], (price.model, row)
            else:
                days, of = map(int, row[0].split("/"))
                rated = rate(price, int(row[1]), days, of)
                assert [str(rated.free), str(rated.amount)] == row[2:], (price.model, row)


@pytest.mark.parametrize("document", PRICE_BOOKS, ids=named)
def test_every_key_of_a_price_book_is_described(document: Path) -> None:
    described = {
        key for cells in rows(document) for key in re.findall(r"`(?:\[\[)?(\w+)(?:\]\])?`", cells[0])
    }
    assert every_key() <= described
    assert [book for book in shipped() if book not in str(rows(document))] == []


def test_the_example_of_seventy_million_contacts_gives_the_documented_amounts(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """The article's figure, and the amounts of calls and links."""
    monkeypatch.chdir(tmp_path)
    for document in (DOCS / "luckin.md", DOCS / "luckin.zh-CN.md"):
        first, shown, second, difference = [block.text for block in blocks(document)]
        outputs = [estimated(command) for command in (first, second)]
        assert squeezed(outputs[0]) == squeezed(shown)
        assert squeezed(outputs[1])[-1] == difference.split()
        year = next(line for line in outputs[0].splitlines() if "一年 Year" in line).split()
        assert year == ["一年", "Year", "7,000,000.00", "0.00", "2,184,000.00", "0.00", "9,184,000.00"]
        assert (tmp_path / "luckin.svg").read_text(encoding="utf-8").startswith("<svg ")


def estimated(command: str) -> str:
    words = command.replace("\\\n", " ").split()
    done = CliRunner().invoke(cli.app, words[1:])
    assert done.exit_code == 0, done.output
    return done.output


def squeezed(screen: str) -> list[list[str]]:
    return [line.replace("─", "").split() for line in screen.splitlines() if line.strip(" ─")]
