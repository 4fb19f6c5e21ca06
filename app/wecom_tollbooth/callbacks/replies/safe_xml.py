"""Reading XML that others sent: without a document type, so without entities, and not nested deeply."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 16


class BrokenXml(Exception):
    """Not XML that is read here; the text says why, in a few words."""


def parse(content: bytes) -> Element:
    """The root element; attributes are left out. Raises BrokenXml."""
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise BrokenXml(f"elements are nested more than {MAX_DEPTH} deep")
        builder.start(name, {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse_doctype(*_: object) -> None:
        raise BrokenXml("it has a document type (DOCTYPE)")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as failure:
        raise BrokenXml(str(failure)) from None
    return builder.close()
