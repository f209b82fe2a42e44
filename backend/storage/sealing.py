"""Personal data at rest: authenticated encryption with key ids and row-bound associated data, and blind indexes.

A sealed value is `version ‖ key id length ‖ key id ‖ nonce(12) ‖ ciphertext and tag`. The version says which cipher
sealed it, so values of both stay readable beside one another. Its associated data is `table.column:row id`, so a value
copied into another row or column does not open. Equality is asked through `blind_index`, a keyed hash of the normalised
value (docs/adr/0005).
"""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, overload

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm

from backend.storage.ciphers import BY_VERSION, CIPHERS, NONCE_BYTES, Aead, CipherName

# No value begins like this: what is indexed begins with its purpose.
_INDEX_MARK = b"\0which keys"


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong row, or tampered bytes."""


class Mark(NamedTuple):
    """What a sealed value says of itself: the cipher and the id of the key."""

    cipher: CipherName
    key_id: str


class KeyRing:
    """Keys by id; the first seals, with `cipher`; all open, whichever cipher sealed.

    `index_key` is the newest key of the blind indexes, `index_keys_before` those before it, the newest first.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        index_key: bytes,
        cipher: CipherName = "aes-256-gcm",
        index_keys_before: Sequence[bytes] = (),
    ) -> None:
        if not keys:
            raise ValueError("a key ring needs a key")
        self.current = Mark(cipher, next(iter(keys)))
        self.key_ids = tuple(keys)
        self.current_mark = _written(self.current)
        self._keys = dict(keys)
        self._ciphers: dict[tuple[int, str], Aead] = {}
        self._current = self._cipher(CIPHERS[cipher].version, self.current.key_id)
        self._index_keys = (*reversed(index_keys_before), index_key)

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt `text` for the place named by `context`."""
        nonce = os.urandom(NONCE_BYTES)
        return self.current_mark + nonce + self._current.encrypt(nonce, text.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt; raises `SealBroken`."""
        if len(sealed) < 2 or sealed[0] not in BY_VERSION:
            raise SealBroken("unknown version")
        start = 2 + sealed[1]
        key_id = sealed[2:start].decode(errors="replace")
        if key_id not in self._keys:
            raise SealBroken("unknown key")
        nonce, body = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self._cipher(sealed[0], key_id).decrypt(nonce, body, context.encode()).decode()
        except UnsupportedAlgorithm:
            raise SealBroken("the library was built without this cipher") from None
        except (InvalidTag, ValueError):  # ValueError: cut off inside the nonce
            raise SealBroken("altered, or moved from another row") from None

    def index(self, value: str, purpose: str) -> bytes:
        """A 32-byte keyed hash of `value`, the same for the same value and purpose."""
        return self.index_anew(f"{purpose}\0{value}".encode(), 0)

    def index_anew(self, indexed: bytes, layers: int) -> bytes:
        """What an index becomes that was made with the oldest `layers` keys: each newer key hashes it once more.

        So a key is changed without knowing what was indexed, and the hash is as secret as the best kept of the keys.
        """
        for key in self._index_keys[layers:]:
            indexed = hmac.digest(key, indexed, "sha256")
        return indexed

    @property
    def index_marks(self) -> tuple[bytes, ...]:
        """What tells with how many of the index keys something was made, the oldest key alone first."""
        mark, marks = _INDEX_MARK, []
        for key in self._index_keys:
            mark = hmac.digest(key, mark, "sha256")
            marks.append(mark)
        return tuple(marks)

    def _cipher(self, version: int, key_id: str) -> Aead:
        # Made when first needed: what was never sealed with SM4 must not depend on a library that knows it.
        found = self._ciphers.get((version, key_id))
        if found is None:
            found = self._ciphers[version, key_id] = BY_VERSION[version].make(self._keys[key_id])
        return found


def _written(mark: Mark) -> bytes:
    """The bytes with which every value begins that was sealed so."""
    key_id = mark.key_id.encode()
    return bytes([CIPHERS[mark.cipher].version, len(key_id)]) + key_id


def read_mark(begin: bytes) -> Mark | None:
    """What the first bytes of a sealed value say; None for bytes that are none of ours."""
    if len(begin) < 2 or begin[0] not in BY_VERSION or len(begin) < 2 + begin[1]:
        return None
    return Mark(BY_VERSION[begin[0]].name, begin[2 : 2 + begin[1]].decode(errors="replace"))


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


def sealed_context(table: str, column: str, row_id: uuid.UUID | int | str) -> str:
    """The associated data of one sealed value."""
    return f"{table}.{column}:{row_id}"


def bound_by(column: sa.Column[Any]) -> str:
    """The name of the column whose value is the row id in the context of a sealed column's values.

    `info={"sealed_by": "account_id"}` on the sealed column names it; else it is `id`, else the whole primary key where
    that is one column. Raises `LookupError` for a table that leaves it open.
    """
    table, key = column.table, list(column.table.primary_key)
    usual = "id" if "id" in table.c else key[0].name if len(key) == 1 else ""
    named = str(column.info.get("sealed_by", usual))
    if named not in table.c:
        raise LookupError(f"{table.name}.{column.name}: say in info['sealed_by'] which column its values are bound to")
    return named


class Sealed:
    """A text attribute of a mapped row that is kept encrypted in the bytes column `<name>_sealed`.

    The row's `id` (or what `bound_by` gives in its place) must be set before the attribute is; rows of this product
    are made with their ids.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"
        self._bound_by: str | None = None

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
        if self._bound_by is None:
            self._bound_by = bound_by(row.__table__.c[self.column])
        row_id = getattr(row, self._bound_by)
        if row_id is None:
            raise ValueError(f"set {self._bound_by} of a row before its sealed attributes")
        return sealed_context(row.__tablename__, self.column, row_id)
