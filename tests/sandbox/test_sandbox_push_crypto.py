"""The fixed vectors of wechat-protocol.md §1.1 and §1.2."""

from __future__ import annotations

import base64

import pytest

from sandbox.config import AppConfig
from sandbox.push_crypto import CryptoError, decrypt, encrypt, sign

APP = AppConfig("account", "wx0123456789abcdef", "s", "AAAAA", "A" * 43, "security", "gh_0123456789ab")
RANDOM16 = b"0123456789abcdef"
ENCRYPTED = {
    "hello": "uMMzGtqcnpOzXOYBwDQNrRmCUGb2zQ0mHfhZrCCDGPmB34CvIy5hSMpN8C7rU3Z5HbDAynadh9zk7EbaRWtCVA==",
    "<xml><a>1</a></xml>": ("uMMzGtqcnpOzXOYBwDQNraJDntWT2S4ro0CWe+bORgY7d7RveAoAJ2HwAgmtCK/yBxN4cq4oDvpbKTMwba+r+w=="),
    "<xml><b>12345678</b></xml>": (
        "uMMzGtqcnpOzXOYBwDQNreh99oGDF7YoxzuyL0QzjBmdIeXtvx7rKDiDwQYTdZXQHwvBIMQA7/wqipa+6RJ0EfME54jgQxVd"
        "5zyC6FTD7LOFehl1qss/aeq2x4OybNJw"
    ),
}


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_signature_sorts_as_strings(timestamp: str, nonce: str, signature: str) -> None:
    assert sign("AAAAA", timestamp, nonce) == signature


@pytest.mark.parametrize(("message", "sealed"), ENCRYPTED.items())
def test_encryption_matches_the_vectors(message: str, sealed: str) -> None:
    assert encrypt(APP, message.encode(), RANDOM16) == sealed
    assert decrypt(APP, sealed) == message.encode()


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        ("hello", "e94b03771b78add377c7aee52d807c722496a762"),
        ("<xml><a>1</a></xml>", "00e0e824460cff69a44a064d5e2e9eb930fc76ee"),
    ],
)
def test_message_signature_covers_the_ciphertext(message: str, signature: str) -> None:
    assert sign("AAAAA", "1714112445", "415670741", ENCRYPTED[message]) == signature


def _another_app() -> str:
    other = AppConfig("account", "wx1111111111111111", "s", "AAAAA", "A" * 43, "security", "gh_0123456789ab")
    return encrypt(other, b"hello", RANDOM16)


@pytest.mark.parametrize(
    "sealed",
    [
        "not base64!",
        "",
        base64.b64encode(b"x" * 15).decode(),
        base64.b64encode(b"x" * 32).decode(),
        _another_app(),
    ],
)
def test_spoilt_ciphertext_is_refused(sealed: str) -> None:
    with pytest.raises(CryptoError):
        decrypt(APP, sealed)
