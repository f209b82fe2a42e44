"""Signatures and encryption of pushes and replies (wechat-protocol.md §1.1, §1.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sandbox.config import AppConfig

PADDING_BLOCK = 32  # not AES's 16 (§1.2)
HEAD_BYTES = 20  # 16 random bytes and the length


class CryptoError(ValueError):
    """What came back cannot be read; the text says why."""


def sign(*parts: str) -> str:
    """sha1 of the parts sorted as byte strings. Token, timestamp, nonce, and for `msg_signature` also Encrypt."""
    joined = b"".join(sorted(part.encode() for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def encrypt(app: AppConfig, message: bytes, random16: bytes | None = None) -> str:
    """Encrypt one message. `random16` is given by tests with fixed vectors only."""
    head = random16 if random16 is not None else os.urandom(16)
    plain = head + len(message).to_bytes(4, "big") + message + app.app_id.encode()
    count = PADDING_BLOCK - len(plain) % PADDING_BLOCK
    encryptor = _cipher(app).encryptor()
    sealed = encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(app: AppConfig, sealed: str) -> bytes:
    """The reverse of `encrypt`. Raises `CryptoError` for anything that is not exactly well-formed and for this app."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except binascii.Error:
        raise CryptoError("Encrypt 不是合法的 base64") from None
    if not data or len(data) % 16:
        raise CryptoError("密文长度不是 16 的倍数")
    decryptor = _cipher(app).decryptor()
    plain = _unpadded(decryptor.update(data) + decryptor.finalize())
    if len(plain) < HEAD_BYTES:
        raise CryptoError("明文不足 20 字节")
    end = HEAD_BYTES + int.from_bytes(plain[16:HEAD_BYTES], "big")
    if end > len(plain):
        raise CryptoError("长度字段超出了明文")
    if plain[end:] != app.app_id.encode():
        raise CryptoError("明文末尾的 AppID 不符")
    return plain[HEAD_BYTES:end]


def same(left: str, right: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _cipher(app: AppConfig) -> Cipher[modes.CBC]:
    key = base64.b64decode(app.aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _unpadded(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= PADDING_BLOCK or padded[-count:] != bytes([count]) * count:
        raise CryptoError("填充不是 32 字节块的 PKCS#7")
    return padded[:-count]
