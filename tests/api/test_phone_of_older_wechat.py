"""A telephone number that an older WeChat encrypts with the login's session_key (wechat-protocol §3.3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from backend.kernel.clock import MovableClock, now
from backend.people.entry.session_keys import keep_session_key
from backend.storage import transaction
from backend.wechat.errors import CodeRejected
from backend.wechat.open_data import opened_phone
from tests.messages.support import MINI_APP
from tests.people.conftest import bureau, phone
from tests.people.support import Phone

__all__ = ["bureau", "phone"]

Phones = Callable[..., Phone]

KEY, OTHER_KEY = "MDEyMzQ1Njc4OWFiY2RlZg==", "ZmVkY2JhOTg3NjU0MzIxMA=="
IV = base64.b64encode(bytes(16)).decode()


def encrypted(told: Any, key: str = KEY, *, raw: bytes | None = None) -> str:
    """What the phone's WeChat would hand over."""
    plain = json.dumps(told).encode() if raw is None else raw
    padder = PKCS7(128).padder()
    cipher = Cipher(AES(base64.b64decode(key)), CBC(bytes(16))).encryptor()
    body = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    return base64.b64encode(body).decode()


def told(**changes: Any) -> dict[str, Any]:
    mark = {"appid": MINI_APP, "timestamp": int(now().timestamp())} | changes.pop("watermark", {})
    return (
        {"phoneNumber": "13800138000", "purePhoneNumber": "13800138000", "countryCode": "86"}
        | changes
        | {"watermark": mark}
    )


def test_the_number_opens_with_the_key_of_the_login(phone: Phones) -> None:
    wang = phone()
    with transaction():
        keep_session_key(wang.identity_id, KEY, now())
    answer = wang.post("phone", encrypted_data=encrypted(told()), iv=IV)
    assert answer.status_code == 200, answer.text
    assert wang.get()["phone_masked"] == "138****8000"
    assert KEY not in answer.text


def test_without_a_key_or_with_an_older_one_it_has_to_be_typed(phone: Phones) -> None:
    wang = phone()
    for key in (None, OTHER_KEY):
        if key is not None:
            with transaction():
                keep_session_key(wang.identity_id, key, now())
        answer = wang.post("phone", encrypted_data=encrypted(told()), iv=IV)
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["encrypted_data"])
    assert wang.get()["phone_masked"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"iv": IV},
        {"encrypted_data": "AAAA"},
        {"phone": "13800138000", "iv": IV},
        {"code": "x", "encrypted_data": "AAAA", "iv": IV},
    ],
)
def test_one_way_at_a_time(phone: Phones, body: dict[str, str]) -> None:
    assert phone().post("phone", **body).status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"watermark": {"appid": "wxfedcba9876543210"}},
        {"watermark": {"timestamp": "soon"}},
        {"watermark": {"timestamp": 10**15}},
        {"purePhoneNumber": ""},
        {"countryCode": None},
    ],
)
def test_what_is_another_apps_or_no_number_is_refused(clock: MovableClock, changes: dict[str, Any]) -> None:
    with pytest.raises(CodeRejected):
        opened_phone(MINI_APP, KEY, encrypted(told(**changes)), IV)


def test_old_data_is_refused(clock: MovableClock) -> None:
    kept = encrypted(told(watermark={"timestamp": str(int(now().timestamp()))}))
    assert opened_phone(MINI_APP, KEY, kept, IV).number == "13800138000"
    clock.advance(timedelta(minutes=11))
    with pytest.raises(CodeRejected):
        opened_phone(MINI_APP, KEY, kept, IV)


@pytest.mark.parametrize(
    ("body", "vector"),
    [
        ("", IV),
        ("AAAA", IV),
        ("%%%", IV),
        ("中文", IV),
        (encrypted({}), "AAAA"),
        (encrypted([]), IV),
        (encrypted({}, raw=b"\xff\xfe"), IV),
        (encrypted({"watermark": 1}), IV),
        (base64.b64encode(bytes(32)).decode(), IV),
    ],
)
def test_rubbish_is_refused_not_a_fault(clock: MovableClock, body: str, vector: str) -> None:
    with pytest.raises(CodeRejected):
        opened_phone(MINI_APP, KEY, body, vector)
