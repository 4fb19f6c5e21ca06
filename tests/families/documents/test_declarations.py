"""Contents of documents and sources of records are declared once."""

import pytest

from wecom_tollbooth.families import load_families
from wecom_tollbooth.families.documents.content import Content, content_of, declare_content
from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE, TEXT_DOCUMENT_TYPE
from wecom_tollbooth.families.smart_sheets.engine.stores import declare_source, source_of

load_families()


def test_smart_sheets_declare_the_content_of_their_documents() -> None:
    content = content_of(SMART_SHEET_TYPE)
    assert content is not None
    assert {"corp_id", "docid"} <= set.intersection(*(set(table.c.keys()) for table in content.tables))
    assert content_of(TEXT_DOCUMENT_TYPE) is None


def test_a_content_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="doc_type 10 is declared twice"):
        declare_content(SMART_SHEET_TYPE, Content(create=lambda context, docid: None, tables=()))


@pytest.mark.parametrize("name", ["", "follow_up"])
def test_a_source_of_records_cannot_be_declared_twice(name: str) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        declare_source(name, source_of(name))
