"""The page as Markdown, in Chinese and English."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from wecom_tollbooth.coverage.fields import field_paths
from wecom_tollbooth.coverage.tables import (
    Chapter,
    DocumentedFields,
    WecomOperation,
    documented_fields,
    refused_callers,
)
from wecom_tollbooth.gateway.operation import DOC_URL, Operation, Registry

READ_FROM_ADDRESS = {"/cgi-bin/menu/create": ("agentid",)}
"""Fields that an operation reads from the address of a POST, beside its shape."""


def render(registry: Registry, chapters: tuple[Chapter, ...]) -> str:
    """The whole page."""
    pages = Environment(
        loader=PackageLoader("wecom_tollbooth.coverage", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )

    def simulated(chapter: Chapter) -> list[Operation]:
        found = (registry.find(known.path) for known in chapter.operations)
        return [operation for operation in found if operation is not None]

    of_wecom = [operation for chapter in chapters for operation in simulated(chapter)]
    return pages.get_template("coverage.md.jinja").render(
        chapters=chapters,
        simulated=simulated,
        of_wecom=of_wecom,
        official=sum(operation.fidelity == "official" for operation in of_wecom),
        total=sum(len(chapter.operations) for chapter in chapters),
        rows=lambda chapter: [_row(registry.find(known.path), known) for known in chapter.operations],
        extensions=[_simulated_row(operation) for operation in registry if operation.family.extension],
        missing_fields=_missing_fields(registry),
        refused=refused_callers(),
        doc_url=DOC_URL,
    )


def _row(operation: Operation | None, known: WecomOperation) -> str:
    if operation is None:
        link = f"[{known.doc}]({DOC_URL}{known.doc})"
        return f"| ○ | {known.method} `{known.path}` | {known.title} | {link} | {known.checked} | | | | | |"
    return _simulated_row(operation)


def _simulated_row(operation: Operation) -> str:
    link = f"[{operation.doc}]({operation.doc_url})" if operation.doc else ""
    paths = [f"{operation.method} `{operation.path}`", *(f"`{alias}`" for alias in operation.aliases)]
    if operation.also_get:
        paths.append("也接受 GET / GET too")
    if operation.also_post:
        paths.append("也接受 POST / POST too")
    cells = (
        "●",
        "<br>".join(paths),
        operation.title,
        link,
        operation.checked or "",
        _sure(operation),
        _fields(operation),
        _codes(operation),
        ", ".join(f"`{event.label()}`" for event in operation.events),
        f"`{operation.meter}`",
    )
    return f"| {' | '.join(cells)} |"


def _sure(operation: Operation) -> str:
    if operation.family.extension:
        return "扩展 / extension"
    return "官方 / official" if operation.fidelity == "official" else "推测 / guess"


def _fields(operation: Operation) -> str:
    """How many fields there are, beside how many are documented; of an extension those that it has."""
    documented = documented_fields().get(operation.path)
    if documented is None:
        request, reply = field_paths(operation.request_model), field_paths(operation.reply_type)
        return f"{len(request)} → {len(reply)}"
    read = len(documented.request) - len(missing_request(operation, documented))
    filled = len(documented.reply) - len(documented.unfilled)
    return f"{read}/{len(documented.request)} → {filled}/{len(documented.reply)}"


def _codes(operation: Operation) -> str:
    codes = ", ".join(str(int(code)) for code in operation.errors)
    rows = ", ".join(str(int(code)) for code in operation.row_errors)
    return f"{codes}<br>行内 / in rows: {rows}" if rows else codes


def missing_request(operation: Operation, documented: DocumentedFields) -> list[str]:
    """The documented request fields that the operation doesn't read."""
    read = field_paths(operation.request_model).union(READ_FROM_ADDRESS.get(operation.path, ()))
    return [name for name in documented.request if name not in read and not _is_read_whole(name, read)]


def _is_read_whole(name: str, read: set[str]) -> bool:
    """Whether the field is inside an object that the operation reads as it is, whatever fields it has."""
    parts = name.split(".")
    around = [".".join(parts[:depth]) for depth in range(1, len(parts))]
    return any(one in read and not any(other.startswith(f"{one}.") for other in read) for one in around)


def _missing_fields(registry: Registry) -> dict[str, list[str]]:
    """The documented fields that simulated operations don't read or were never seen to fill, by path."""
    missing: dict[str, list[str]] = {}
    for path, documented in sorted(documented_fields().items()):
        operation = registry.find(path)
        if operation is None:
            continue
        names = [f"`{name}` →" for name in missing_request(operation, documented)]
        names += [f"→ `{name}`" for name in documented.unfilled]
        if names:
            missing[path] = names
    return missing
