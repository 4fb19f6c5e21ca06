"""The cryptography of callbacks against the published vectors."""

import pytest

from wecom_tollbooth.callbacks import crypto

KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
MESSAGE = (
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n"
    "<FromUserName><![CDATA[mycreate]]></FromUserName>\n"
    "<CreateTime>1409659813</CreateTime>\n"
    "<MsgType><![CDATA[text]]></MsgType>\n"
    "<Content><![CDATA[hello]]></Content>\n"
    "<MsgId>4561255354251345929</MsgId>\n"
    "<AgentID>218</AgentID>\n"
    "</xml>"
)
ENCRYPTED_MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W"
    "/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+H"
    "MZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB"
    "3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVK"
    "n28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_the_published_echo_decrypts_and_encrypts() -> None:
    assert crypto.decrypt(KEY, ECHO, "wx5823bf96d3bd56c7") == b"1616140317555161061"
    made = crypto.encrypt(KEY, b"1616140317555161061", "wx5823bf96d3bd56c7", b"c41b64491c2468d0")
    assert made == ECHO
    assert crypto.signature("QDG6eK", "1409659589", "263014780", ECHO) == (
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    )


def test_the_published_message_decrypts_and_encrypts() -> None:
    assert crypto.decrypt(KEY, ENCRYPTED_MESSAGE, "wx5823bf96d3bd56c7").decode() == MESSAGE
    made = crypto.encrypt(KEY, MESSAGE.encode(), "wx5823bf96d3bd56c7", b"0960688932c47ef1")
    assert made == ENCRYPTED_MESSAGE
    assert crypto.signature("QDG6eK", "1409659813", "1372623149", made) == (
        "477715d11cdb4164915debcba66cb864d751f3e6"
    )


def test_text_that_fills_its_blocks_gets_a_full_block_of_padding() -> None:
    made = crypto.encrypt(KEY, b"x" * 58, "ww0123456789abcdef", b"0123456789abcdef")
    assert made == (
        "sKqRbbiSUnDhFHOvPjtUMY0IYCko173ZarfxJ9jm+PXmBSUw2aLTYFXJ5zmqDkgx+lkZKTvRWlwpYaZ59wCgjs7sv32U3ScQnhoJ"
        "Diq8nNkiPhCdwtL02aA6NPZve13OgGIl6Rh7whc9H98UdpQyZhd7+Act0CN12Vnqa0l0rAg="
    )


@pytest.mark.parametrize(
    ("key", "encrypted", "receiveid", "code"),
    [
        (KEY, ECHO, "wwother", -40005),
        (KEY[:-1] + "D", ECHO, "wx5823bf96d3bd56c7", None),
        ("A" * 43, ECHO, "wx5823bf96d3bd56c7", -40007),
        (KEY[:-1], ECHO, "wx5823bf96d3bd56c7", -40004),
        (KEY, "no base64!", "wx5823bf96d3bd56c7", -40010),
        (KEY, "", "wx5823bf96d3bd56c7", -40007),
    ],
)
def test_a_failed_decryption_has_the_code_of_the_official_libraries(
    key: str, encrypted: str, receiveid: str, code: int | None
) -> None:
    if code is None:
        # The 43rd character carries two unused bits, which decoders ignore.
        assert crypto.decrypt(key, encrypted, receiveid) == b"1616140317555161061"
        return
    with pytest.raises(crypto.CryptoError) as caught:
        crypto.decrypt(key, encrypted, receiveid)
    assert caught.value.code == code


def test_the_wrong_receiveid_is_named_as_a_text() -> None:
    encrypted = crypto.encrypt(KEY, b"<xml/>", "wwother", b"0" * 16)
    with pytest.raises(crypto.CryptoError, match="the receiveid is 'wwother', not 'wwmine'"):
        crypto.decrypt(KEY, encrypted, "wwmine")


def test_another_key_is_named_where_the_padding_looks_right_by_chance() -> None:
    encrypted = crypto.encrypt(KEY, b"<xml/>", "ww1", b"0" * 16)
    for number in range(2_000):
        with pytest.raises(crypto.CryptoError, match="was another EncodingAESKey used") as caught:
            crypto.decrypt(f"{number:043}", encrypted, "ww1")
        assert caught.value.code == -40007
