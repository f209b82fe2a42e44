"""The two ciphers of sealed values: AES-256-GCM, and SM4-GCM where national cryptography is asked for (docs/adr/0005).

Both are authenticated, take a nonce of 12 bytes and put a tag of 16 bytes behind the ciphertext.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CipherName = Literal["aes-256-gcm", "sm4-gcm"]

NONCE_BYTES = 12
_TAG_BYTES = 16
_SM4_KEY_BYTES = 16
# Said again in a new label if the derivation ever changes; values sealed under the old one would not open.
_SM4_LABEL = b"nuanmin sm4-gcm field key 1"


class Aead(Protocol):
    """Authenticated encryption with associated data, as `cryptography` offers it."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The text again; raises `InvalidTag`."""


class Sm4Gcm:
    """SM4 (GB/T 32907) in GCM mode; the library has the two parts but no ready pair, as it has for AES.

    Raises `UnsupportedAlgorithm` at the first use where the library was built without SM4.
    """

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The text again; raises `InvalidTag`."""
        body, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        if len(tag) < _TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(body) + decryptor.finalize()


def sm4_key(key: bytes) -> bytes:
    """The 16 bytes SM4 takes, derived from a key of FIELD_KEYS by HKDF (RFC 5869) over SM3.

    Not simply its first half: one key must not serve two ciphers, or what weakens one would help against the other.
    What is derived tells nothing of the key it came from. SM3, so that a bureau that is graded for national
    cryptography uses nothing else on the way.
    """
    return HKDF(SM3(), _SM4_KEY_BYTES, salt=None, info=_SM4_LABEL).derive(key)


@dataclass(frozen=True)
class CipherKind:
    """One cipher: the first byte of what it sealed, and how it is made from 32 bytes of FIELD_KEYS."""

    name: CipherName
    version: int
    make: Callable[[bytes], Aead]


CIPHERS: Mapping[CipherName, CipherKind] = {
    "aes-256-gcm": CipherKind("aes-256-gcm", 1, AESGCM),
    "sm4-gcm": CipherKind("sm4-gcm", 2, lambda key: Sm4Gcm(sm4_key(key))),
}
BY_VERSION: Mapping[int, CipherKind] = {kind.version: kind for kind in CIPHERS.values()}
