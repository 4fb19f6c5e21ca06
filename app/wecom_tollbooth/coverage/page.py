"""The page as Markdown, in Chinese and English."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from wecom_tollbooth.coverage.fields import field_paths
from wecom_tollbooth.coverage.tables import Chapter, WecomOperation, documented_fields
from wecom_tollbooth.gateway.operation import DOC_URL, Operation, Registry


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
        ", ".join(str(int(code)) for code in operation.errors),
        ", ".join(f"`{event.label()}`" for event in operation.events),
        f"`{operation.meter}`",
    )
    return f"| {' | '.join(cells)} |"


def _sure(operation: Operation) -> str:
    if operation.family.extension:
        return "扩展 / extension"
    return "官方 / official" if operation.fidelity == "official" else "推测 / guess"


def _fields(operation: Operation) -> str:
    """How many fields there are, beside how many are documented where these were counted."""
    documented = documented_fields().get(operation.path)
    if documented is None:
        request, reply = field_paths(operation.request_model), field_paths(operation.reply_type)
        return f"{len(request)} → {len(reply)}"
    requested = documented.request - len(documented.missing_request)
    replied = documented.reply - len(documented.missing_reply)
    return f"{requested}/{documented.request} → {replied}/{documented.reply}"


def _missing_fields(registry: Registry) -> dict[str, list[str]]:
    """The documented fields that simulated operations lack, by path."""
    missing: dict[str, list[str]] = {}
    for path, documented in sorted(documented_fields().items()):
        names = [f"`{name}` →" for name in documented.missing_request]
        names += [f"→ `{name}`" for name in documented.missing_reply]
        if names and registry.find(path) is not None:
            missing[path] = names
    return missing
