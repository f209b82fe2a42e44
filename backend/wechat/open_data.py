"""Signed and encrypted data that a mini-program gets from the phone's own WeChat (wechat-protocol §3.3).

An older WeChat gives the telephone number this way only, without a code. The key is the login's session_key.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from backend.kernel.clock import now
from backend.wechat.errors import CodeRejected, OutcomeUnknown
from backend.wechat.mini_login import PhoneNumber
from backend.wechat.transport import text_of

# A stolen copy is of no use later; the phone makes a new one with every tap.
FRESH_FOR = timedelta(minutes=10)
_BLOCK = 16


def opened_phone(app_id: str, session_key: str, encrypted: str, vector: str) -> PhoneNumber:
    """The telephone number in `encryptedData`; `vector` is its `iv`, both base64.

    Raises `CodeRejected` for what does not open with this key, mostly because the phone has logged in anew since, for
    another app's data and for old data.
    """
    try:
        told = json.loads(_decrypted(session_key, encrypted, vector))
    except (ValueError, binascii.Error):  # base64, padding, text, JSON
        raise CodeRejected from None
    mark = told.get("watermark") if isinstance(told, dict) else None
    if not isinstance(mark, dict) or mark.get("appid") != app_id or not _is_fresh(mark.get("timestamp")):
        raise CodeRejected
    try:
        return PhoneNumber(text_of(told, "purePhoneNumber"), text_of(told, "countryCode").lstrip("+"))
    except OutcomeUnknown:
        raise CodeRejected from None


def _decrypted(session_key: str, encrypted: str, vector: str) -> bytes:
    key, iv, body = (base64.b64decode(text, validate=True) for text in (session_key, vector, encrypted))
    if len(key) != _BLOCK or len(iv) != _BLOCK or not body or len(body) % _BLOCK:
        raise ValueError("not what WeChat encrypts")
    opener = Cipher(AES(key), CBC(iv)).decryptor()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    return unpadder.update(opener.update(body) + opener.finalize()) + unpadder.finalize()


def _is_fresh(stamp: Any) -> bool:
    """Whether Unix seconds, as a number or text, lie within `FRESH_FOR` of now."""
    if not isinstance(stamp, int | str) or not str(stamp).isdecimal() or len(str(stamp)) > 12:
        return False
    return abs(now().timestamp() - int(stamp)) <= FRESH_FOR.total_seconds()
