"""Reading XML of others: what is read, and what is refused before it costs anything."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecom_tollbooth.callbacks.replies.safe_xml import MAX_DEPTH, BrokenXml, parse

LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
BOMB = f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]><xml>&l9;</xml>'
OUTSIDE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml>&f;</xml>'
DTD = '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/dtd"><xml/>'


def test_text_and_cdata_are_read_and_attributes_left_out() -> None:
    root = parse(
        '<?xml version="1.0" encoding="utf-8"?><xml a="1"><T>茶 &amp;<![CDATA[<b>]]></T></xml>'.encode()
    )
    assert (root.tag, root.attrib, root.findtext("T")) == ("xml", {}, "茶 &<b>")


def test_an_encoding_that_is_named_counts() -> None:
    content = '<?xml version="1.0" encoding="iso-8859-1"?><xml>thé</xml>'.encode("iso-8859-1")
    assert parse(content).text == "thé"


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, DTD])
def test_a_document_type_is_refused(content: str) -> None:
    with pytest.raises(BrokenXml, match="DOCTYPE"):
        parse(content.encode())


def test_an_unknown_entity_is_refused() -> None:
    with pytest.raises(BrokenXml, match="undefined entity"):
        parse(b"<xml>&lol;</xml>")


def test_elements_nest_as_deep_as_a_card_does_and_not_much_deeper() -> None:
    deepest = b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH
    assert parse(deepest).tag == "a"
    with pytest.raises(BrokenXml, match="nested more than 16 deep"):
        parse(b"<a>" + deepest + b"</a>")


@pytest.mark.parametrize(
    "content",
    [b"", b"  ", b"text", b"<xml>", b"<a/><b/>", b"\xff\xfe", b'<?xml version="1.0" encoding="no"?><a/>'],
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenXml):
        parse(content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 40))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    valid = b"<xml><Encrypt><![CDATA[abc]]></Encrypt><Nonce>1</Nonce></xml>"
    for content in (noise, valid[:at] + noise + valid[at:], valid[:at] + noise):
        with suppress(BrokenXml):
            parse(content)
