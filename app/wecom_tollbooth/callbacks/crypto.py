"""Signing and encrypting callbacks as WeCom does.

Source: page 90968 (2026-08). AES-256-CBC; the key is EncodingAESKey + "=" decoded from base64, the iv its
first 16 bytes. The plain text is 16 random bytes, 4 bytes of length (big-endian), the message and the
receiveid, padded by PKCS#7 to blocks of 32. The signature is the SHA-1 of token, timestamp, nonce and cipher
text, sorted and joined.
"""

import base64
import binascii
import hashlib
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM_BYTES = 16
KEY_FORM = re.compile(r"[A-Za-z0-9]{43}")
TOKEN_FORM = re.compile(r"[A-Za-z0-9]{1,32}")


class CryptoError(Exception):
    """Encrypting or decrypting failed. `code` is that of WeCom's own libraries."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """msg_signature: 40 lower-case hexadecimal digits."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()


def encrypt(encoding_aes_key: str, message: bytes, receiveid: str, random16: bytes) -> str:
    """The cipher text in base64. `random16`: 16 bytes, different for each message."""
    plain = random16 + struct.pack(">I", len(message)) + message + receiveid.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(encoding_aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(encoding_aes_key: str, encrypted: str, receiveid: str) -> bytes:
    """The message in a cipher text. Raises CryptoError -40010, -40007, -40008 or -40005."""
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise CryptoError(-40010, "the cipher text isn't base64") from None
    if not data or len(data) % RANDOM_BYTES:
        raise CryptoError(-40007, "the cipher text isn't a whole number of blocks")
    decryptor = _cipher(encoding_aes_key).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise CryptoError(-40007, "the padding is wrong; was another EncodingAESKey used?")
    content = plain[RANDOM_BYTES:-pad]
    if len(content) < 4:
        raise CryptoError(-40008, "the plain text is too short")
    (length,) = struct.unpack(">I", content[:4])
    if length > len(content) - 4:
        # The padding of one wrong key in 256 looks right.
        raise CryptoError(-40007, "the length is wrong; was another EncodingAESKey used?")
    message, found = content[4 : 4 + length], content[4 + length :]
    if found != receiveid.encode():
        shown = found.decode(errors="replace")
        raise CryptoError(-40005, f"the receiveid is {shown!r}, not {receiveid!r}")
    return message


def _cipher(encoding_aes_key: str) -> Cipher[modes.CBC]:
    """Raises CryptoError -40004 for a key that isn't 43 letters and digits."""
    if not KEY_FORM.fullmatch(encoding_aes_key):
        raise CryptoError(-40004, "an EncodingAESKey has 43 letters and digits")
    # The last character carries two unused bits, which decoders ignore.
    key = base64.b64decode(encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
