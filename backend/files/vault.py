"""The files themselves: encrypted, each with a key of its own, under names that nobody can guess, below DATA_DIR.

The key of a file is kept sealed in its row, so a change of FIELD_KEYS (`flask keys rotate`) never touches a file, and
a file without its row is noise. A file is `version of the cipher ‖ nonce(12) ‖ ciphertext and tag`, bound to its row.
"""

from __future__ import annotations

import base64
import os
import secrets
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag

from backend.files.clamd import Scanner
from backend.storage import key_ring
from backend.storage.ciphers import BY_VERSION, CIPHERS, NONCE_BYTES
from backend.storage.sealing import SealBroken

_KEY_BYTES = 32


class _Process:
    directory: Path | None = None
    scanner: Scanner | None = None


def use_vault(directory: Path, scanner: Scanner | None) -> None:
    """Choose where this process keeps files, and the virus scanner, None where the bureau has none."""
    _Process.directory, _Process.scanner = directory, scanner


def scanner() -> Scanner | None:
    """The virus scanner of this process."""
    return _Process.scanner


def new_name() -> str:
    """A name that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


def new_key() -> str:
    """A key for one file, in base64."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def write(name: str, row_id: uuid.UUID, key: str, body: bytes) -> None:
    """Encrypt a file with the cipher in force and keep it, whole or not at all, for this account of the machine only.

    Returns when it would survive a power cut.
    """
    cipher, nonce = CIPHERS[key_ring().current.cipher], os.urandom(NONCE_BYTES)
    sealed = cipher.make(base64.b64decode(key)).encrypt(nonce, body, _context(row_id))
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(bytes([cipher.version]) + nonce + sealed)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _sync_directory(path.parent)


def read(name: str, row_id: uuid.UUID, key: str) -> bytes:
    """The content of a file. Raises `SealBroken` for one that was altered or exchanged, `OSError` where it is gone."""
    kept = _path(name).read_bytes()
    if not kept or kept[0] not in BY_VERSION:
        raise SealBroken("unknown version")
    nonce, body = kept[1 : 1 + NONCE_BYTES], kept[1 + NONCE_BYTES :]
    try:
        return BY_VERSION[kept[0]].make(base64.b64decode(key)).decrypt(nonce, body, _context(row_id))
    except (InvalidTag, ValueError):  # ValueError: cut off inside the nonce
        raise SealBroken("altered, or another row's") from None


def remove(name: str) -> None:
    """Take a file away; nothing happens where there is none."""
    path = _path(name)
    path.unlink(missing_ok=True)
    path.with_suffix(".half").unlink(missing_ok=True)


def _path(name: str) -> Path:
    if _Process.directory is None:
        raise RuntimeError("no place for files has been chosen yet")
    return _Process.directory / name[:2] / name


def _context(row_id: uuid.UUID) -> bytes:
    return f"uploads:{row_id}".encode()


def _sync_directory(directory: Path) -> None:
    """Or the new name could be lost although the bytes are there."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
