"""What each piece consists of: the files that are written, and the steps that are left."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "app" / "wecom_tollbooth"
FAMILIES = PACKAGE / "families"
EVENTS = PACKAGE / "callbacks" / "events"
ORDER_OF_FAMILIES = 'containers = ["wecom_tollbooth.families"]\nexhaustive = true\nlayers = [\n'
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)


class CannotStart(Exception):
    """The reason, in one sentence that says what would be right."""


@dataclass
class Piece:
    files: list[Path]
    steps: list[str]


class Documented(NamedTuple):
    """An operation as the table of WeCom's operations has it."""

    method: str
    page: str
    title: str


def new_operation(family: str, name: str) -> Piece:
    folder = _family_folder(family)
    module = _identifier("_".join(name.removeprefix("externalcontact/").split("/")))
    page = _documented(f"/cgi-bin/{name}")
    values = {
        "path": f"/cgi-bin/{name}",
        "name": name,
        "module": module,
        "class_name": _class_name(module),
        "family": family,
        "family_module": _module_that_declares(folder, "family = Family("),
        **page._asdict(),
    }
    files = [
        _write(folder / f"{module}.py", "operation.py.jinja", values),
        _write(_tests_of(family) / f"test_{module}.py", "test_operation.py.jinja", values),
    ]
    return Piece(
        files,
        [
            f"fill in the fields, errors, sample and handler as page {page.page} has them",
            "choose its meter and permission: the file begins with those of reading customers",
            f"make test TESTS=tests/families/{family}/test_{module}.py",
            "make test TESTS=tests/gateway/test_every_operation.py",
            "make coverage-page",
        ],
    )


def new_family(name: str, title_zh: str, title_en: str) -> Piece:
    folder = FAMILIES / _identifier(name)
    if folder.exists():
        raise CannotStart(f"there is a family {name} already")
    values = {"name": name, "title_zh": title_zh, "title_en": title_en}
    files = [
        _write(folder / "__init__.py", "family_init.py.jinja", values),
        _write(folder / "family.py", "family.py.jinja", values),
        _write(folder / "tables.py", "tables.py.jinja", values),
    ]
    project = ROOT / "pyproject.toml"
    _insert_after(
        project,
        'containers = ["wecom_tollbooth.families"]\nexhaustive = true\nlayers = [\n',
        f'    "{name}",\n',
    )
    return Piece(
        [*files, project],
        [
            f"make operation FAMILY={name} NAME=…",
            "give it its place in the order of families in pyproject.toml: above all that it imports",
            "move the chapter in README.md and README.zh-CN.md from those with nothing yet into the table",
        ],
    )


def new_event(chapter: str, event: str, name: str) -> Piece:
    module = EVENTS / f"{_identifier(chapter)}.py"
    class_name = _class_name(_identifier(name))
    values = {"chapter": chapter, "event": event, "name": name, "class_name": class_name}
    if module.exists():
        group = _group_of(module, event)
        form = "Bare" if "ChangeType: Bare" in module.read_text(encoding="utf-8") else "str"
        text = TEMPLATES.get_template("event.py.jinja").render(values, group=group, form=form)
        base = f"{class_name} is a {group}: if its page or receivers are others, give it a group of its own"
        if f"class {class_name}(" in module.read_text(encoding="utf-8"):
            raise CannotStart(f"{chapter} declares {class_name} already")
        module.write_text(module.read_text(encoding="utf-8").rstrip("\n") + "\n\n\n" + text, encoding="utf-8")
        files = [module]
    else:
        base = "say what the events of this chapter have in common"
        files = [_write(module, "event_chapter.py.jinja", values), EVENTS / "__init__.py"]
        _insert_after(files[1], "from wecom_tollbooth.callbacks.events import (\n", f"    {chapter},\n")
        _insert_after(files[1], '    "EVENTS",\n', f'    "{chapter}",\n')
    test = ROOT / "tests" / "callbacks" / "pages" / f"test_{_identifier(name)}.py"
    files.append(_write(test, "test_event.py.jinja", values))
    return Piece(
        files,
        [
            base,
            "list the fields in the order of the event's page, with page, month and receivers",
            f"emit it: emit(act, {class_name}(…))",
            f"make test TESTS=tests/callbacks/pages/test_{_identifier(name)}.py",
            "make events-page",
        ],
    )


def new_act(family: str, name: str) -> Piece:
    folder = _family_folder(family)
    module = _identifier(name)
    values = {"name": name, "class_name": _class_name(module), "family": family}
    files = [
        _write(folder / f"{module}.py", "act.py.jinja", values),
        _write(_tests_of(family) / f"test_{module}.py", "test_act.py.jinja", values),
    ]
    return Piece(
        files,
        [
            "write what happens, and emit its events",
            f"make test TESTS=tests/families/{family}/test_{module}.py",
            "add its row, in the order of names, to docs/control-api.md and docs/control-api.zh-CN.md",
        ],
    )


def _family_folder(family: str) -> Path:
    folder = FAMILIES / family
    if not (folder / "__init__.py").exists():
        known = sorted(path.parent.name for path in FAMILIES.glob("*/__init__.py"))
        raise CannotStart(f"there is no family {family!r}; make family NAME={family}, or use one of {known}")
    return folder


def _tests_of(family: str) -> Path:
    """The folder of the family's tests, a package like all of them."""
    folder = ROOT / "tests" / "families" / family
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    return folder


def _documented(path: str) -> Documented:
    table: dict[str, Any] = tomllib.loads(
        (PACKAGE / "coverage" / "wecom_operations.toml").read_text(encoding="utf-8")
    )
    for chapter in table["chapters"]:
        for method, listed, page, _, title in chapter["operations"]:
            if listed == path:
                return Documented(method, page, title)
    raise CannotStart(f"{path} is not in coverage/wecom_operations.toml; add its row there first")


def _module_that_declares(folder: Path, text: str) -> str:
    for path in sorted(folder.rglob("*.py")):
        if text in path.read_text(encoding="utf-8"):
            return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    raise CannotStart(f"no module of {folder.name} declares its family")


def _group_of(module: Path, event: str) -> str:
    """The class of the chapter that says what events of this Event have in common."""
    text = module.read_text(encoding="utf-8")
    for group, body in re.findall(r"^class (\w+)\(Event\):\n((?:    .*\n|\n)+)", text, re.MULTILINE):
        if f'event = "{event}"' in body:
            return str(group)
    raise CannotStart(f"{module.name} has no group of events with event = {event!r}; declare it first")


def _write(path: Path, template: str, values: dict[str, Any]) -> Path:
    if path.exists():
        raise CannotStart(f"{path.relative_to(ROOT)} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEMPLATES.get_template(template).render(values), encoding="utf-8")
    return path


def _insert_after(path: Path, anchor: str, text: str) -> None:
    whole = path.read_text(encoding="utf-8")
    if anchor not in whole:
        raise CannotStart(f"{path.relative_to(ROOT)} has no line {anchor.splitlines()[-1]!r} to insert after")
    path.write_text(whole.replace(anchor, anchor + text, 1), encoding="utf-8")


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise CannotStart(f"{name!r}: use lower-case letters, digits and _, beginning with a letter")
    return name


def _class_name(identifier: str) -> str:
    return "".join(part.title() for part in identifier.split("_"))
