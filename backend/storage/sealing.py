"""Personal data at rest: AES-256-GCM with key ids and row-bound associated data, and blind indexes (docs/adr/0005).

A sealed value is `version ‖ key id length ‖ key id ‖ nonce(12) ‖ ciphertext and tag`. Its associated data is
`table.column:row id`, so a value copied into another row or column does not open. Equality is asked through
`blind_index`, a keyed hash of the normalised value.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import uuid
from collections.abc import Mapping
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong row, or tampered bytes."""


class KeyRing:
    """Keys by id; the first seals, all open."""

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes) -> None:
        if not keys:
            raise ValueError("a key ring needs a key")
        self.current_id = next(iter(keys))
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._index_key = index_key

    @property
    def current_mark(self) -> bytes:
        """The bytes with which every value begins that the current key has sealed."""
        key_id = self.current_id.encode()
        return _VERSION + bytes([len(key_id)]) + key_id

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt `text` for the place named by `context`."""
        nonce = os.urandom(_NONCE_BYTES)
        body = self._ciphers[self.current_id].encrypt(nonce, text.encode(), context.encode())
        return self.current_mark + nonce + body

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt; raises `SealBroken`."""
        if sealed[:1] != _VERSION:
            raise SealBroken("unknown version")
        start = 2 + sealed[1]
        cipher = self._ciphers.get(sealed[2:start].decode(errors="replace"))
        if cipher is None:
            raise SealBroken("unknown key")
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, context.encode()).decode()
        except InvalidTag:
            raise SealBroken("altered, or moved from another row") from None

    def index(self, value: str, purpose: str) -> bytes:
        """A 32-byte keyed hash of `value`, the same for the same value and purpose."""
        return hmac.new(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()


class _Process:
    keys: KeyRing | None = None


def use_keys(keys: KeyRing) -> None:
    """Choose the key ring of this process."""
    _Process.keys = keys


def key_ring() -> KeyRing:
    """The key ring of this process; raises `RuntimeError` before `use_keys`."""
    if _Process.keys is None:
        raise RuntimeError("no keys have been chosen yet")
    return _Process.keys


def blind_index(value: str, purpose: str) -> bytes:
    """The keyed hash by which a sealed value can be found; `purpose` keeps unlike things apart."""
    return key_ring().index(value, purpose)


def sealed_context(table: str, column: str, row_id: uuid.UUID) -> str:
    """The associated data of one sealed value."""
    return f"{table}.{column}:{row_id}"


class Sealed:
    """A text attribute of a mapped row that is kept encrypted in the bytes column `<name>_sealed`.

    The row's `id` must be set before the attribute is; rows of this product are made with their ids.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> Sealed: ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> Sealed | str | None:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return None if sealed is None else key_ring().open(sealed, self._context(row))

    def __set__(self, row: Any, text: str | None) -> None:
        setattr(row, self.column, None if text is None else key_ring().seal(text, self._context(row)))

    def _context(self, row: Any) -> str:
        if row.id is None:
            raise ValueError("set the id of a row before its sealed attributes")
        return sealed_context(row.__tablename__, self.column, row.id)
