"""What reaches us from outside: only what WeChat signed for us is taken, all else is refused and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from backend.chat.callback import create_callback_blueprint
from backend.kernel.clock import MovableClock
from tests.chat.phone import ACCOUNT, MINIPROGRAM, Phone, count, fields_xml, refusal, timestamp
from tests.wechat.pushes import NONCE, args_for, encrypt, encrypt_padded, envelope, packed, sha1

TABLES = ("inbound_pushes", "conversations", "persons", "wechat_identities", "message_addresses")


def nothing_written() -> bool:
    return all(count(table) == 0 for table in TABLES)


# --- the address check (wechat-protocol §1.1) ---


@pytest.mark.parametrize("path", [ACCOUNT, MINIPROGRAM])
def test_the_address_check_echoes(phone: Phone, path: str) -> None:
    app = phone.account if path == ACCOUNT else phone.miniprogram
    args = {
        "signature": sha1(app.token, "1", NONCE),
        "timestamp": "1",
        "nonce": NONCE,
        "echostr": "4375120948345356249",
    }
    answer = phone.flask.test_client().get(path, query_string=args)
    assert (answer.status_code, answer.data) == (200, b"4375120948345356249")
    assert answer.content_type.startswith("text/plain")
    for broken in (
        {"signature": "0" * 40},
        {"timestamp": ""},
        {"nonce": "x"},
        {"echostr": ""},
        {"echostr": "<b>" * 300},
    ):
        assert phone.flask.test_client().get(path, query_string=args | broken).status_code == 403


# --- pushes that are not WeChat's, or are damaged ---

Forge = Callable[[Phone], tuple[dict[str, str], bytes]]


def _good(phone: Phone) -> tuple[dict[str, str], bytes]:
    sealed = encrypt(fields_xml(phone.message(Content="结婚登记")), phone.account)
    return args_for(phone.account, sealed, timestamp()), envelope(sealed)


def _with(phone: Phone, **changes: str) -> tuple[dict[str, str], bytes]:
    args, body = _good(phone)
    return args | changes, body


def _sealed(phone: Phone, sealed: str) -> tuple[dict[str, str], bytes]:
    return args_for(phone.account, sealed, timestamp()), envelope(sealed)


def _inside(phone: Phone, message: str) -> tuple[dict[str, str], bytes]:
    return _sealed(phone, encrypt(message, phone.account))


def _without_argument(phone: Phone, name: str) -> tuple[dict[str, str], bytes]:
    args, body = _good(phone)
    return {key: value for key, value in args.items() if key != name}, body


def _bad_padding(phone: Phone) -> tuple[dict[str, str], bytes]:
    plain = packed(fields_xml(phone.message(Content="x")).encode(), phone.account.app_id)
    return _sealed(phone, encrypt_padded(plain[:-1] + bytes([plain[-1] ^ 1]), phone.account.aes_key))


def _other_app(phone: Phone) -> tuple[dict[str, str], bytes]:
    other = replace(phone.account, app_id="wx00000000000000ff")
    return _sealed(phone, encrypt(fields_xml(phone.message(Content="x")), other))


def _length_beyond_the_end(phone: Phone) -> tuple[dict[str, str], bytes]:
    plain = b"0" * 16 + b"\xff\xff\xff\xff" + b"x" * 27
    return _sealed(phone, encrypt_padded(plain + bytes([17]) * 17, phone.account.aes_key))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{}]><xml><Content>&j;</Content></xml>'.format(
    "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True))
)

FORGED: dict[str, tuple[int, str, Forge]] = {
    "signature": (403, "wrong_signature", lambda phone: _with(phone, signature="0" * 40)),
    "message signature": (403, "wrong_msg_signature", lambda phone: _with(phone, msg_signature="0" * 40)),
    "signature in Chinese": (403, "bad_signature", lambda phone: _with(phone, signature="签名")),
    "no signature": (403, "no_signature", lambda phone: _without_argument(phone, "signature")),
    "no message signature": (403, "no_msg_signature", lambda phone: _without_argument(phone, "msg_signature")),
    "no timestamp": (403, "no_timestamp", lambda phone: _without_argument(phone, "timestamp")),
    "no encryption named": (403, "plain_refused", lambda phone: _without_argument(phone, "encrypt_type")),
    "nothing": (403, "no_timestamp", lambda _phone: ({}, b"")),
    "no body": (400, "bad_xml", lambda phone: (_good(phone)[0], b"")),
    "plain in security mode": (
        403,
        "plain_refused",
        lambda phone: (phone.plain_args(), fields_xml(phone.message(Content="x")).encode()),
    ),
    "plain beside nothing": (
        400,
        "no_encrypt",
        lambda phone: (_good(phone)[0], fields_xml(phone.message(Content="x")).encode()),
    ),
    "padding": (400, "bad_padding", _bad_padding),
    "length": (400, "bad_length", _length_beyond_the_end),
    "no whole block": (400, "bad_block", lambda phone: _sealed(phone, "AAAA")),
    "no base64": (400, "bad_base64", lambda phone: _sealed(phone, "*****")),
    "another app": (403, "wrong_app_id", _other_app),
    "entity bomb outside": (400, "doctype", lambda phone: (_good(phone)[0], BOMB.encode())),
    "entity bomb inside": (400, "doctype", lambda phone: _inside(phone, BOMB)),
    "nothing inside": (400, "bad_xml", lambda phone: _inside(phone, "<xml></xml>")),
    "no message inside": (400, "bad_field", lambda phone: _inside(phone, "<xml><Content>x</Content></xml>")),
    "no xml inside": (400, "bad_xml", lambda phone: _inside(phone, "hello")),
    "JSON inside": (400, "bad_xml", lambda phone: _inside(phone, '{"MsgType":"text"}')),
    "JSON to the account": (400, "bad_xml", lambda phone: (_good(phone)[0], b'{"Encrypt": "x"}')),
    "two senders": (
        400,
        "repeated_element",
        lambda phone: _inside(phone, fields_xml(phone.message() | {"FromUserName": ["a", "b"]})),
    ),
    "a sender of markup": (
        400,
        "bad_field",
        lambda phone: _inside(phone, fields_xml(phone.message() | {"FromUserName": "<b/>"})),
    ),
    "other bytes": (400, "not_utf8", lambda phone: (_good(phone)[0], b"\xff\xfe<xml/>")),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_wechats_is_refused_and_leaves_nothing(phone: Phone, name: str) -> None:
    status, reason, forge = FORGED[name]
    args, body = forge(phone)
    answer = phone.flask.test_client().post(ACCOUNT, query_string=args, data=body)
    assert refusal(answer) == (status, reason)
    assert nothing_written()


@pytest.mark.parametrize("minutes", [-11, 11])
def test_an_old_or_early_timestamp_is_refused(phone: Phone, clock: MovableClock, minutes: int) -> None:
    args, body = _good(phone)
    clock.advance(timedelta(minutes=minutes))
    answer = phone.flask.test_client().post(ACCOUNT, query_string=args, data=body)
    assert refusal(answer) == (403, "stale_timestamp")
    assert nothing_written()


def test_two_megabytes_are_refused(phone: Phone) -> None:
    for path in (ACCOUNT, MINIPROGRAM):
        answer = phone.flask.test_client().post(path, query_string=phone.plain_args(), data=b"<" * (2 << 20))
        assert answer.status_code == 413
    assert nothing_written()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods(phone: Phone, method: str) -> None:
    assert getattr(phone.flask.test_client(), method)(ACCOUNT).status_code == 405


def test_the_reason_tells_no_secret(phone: Phone) -> None:
    args, body = _with(phone, msg_signature="0" * 40)
    shown = phone.flask.test_client().post(ACCOUNT, query_string=args, data=body).get_data(as_text=True)
    assert phone.account.token not in shown
    assert sha1(phone.account.token, args["timestamp"], NONCE) not in shown


# --- the other modes ---


def test_plain_mode_takes_plain_pushes_and_answers_plainly(phone: Phone) -> None:
    settings = phone.flask.extensions["settings"]
    plain = Flask("plain")
    plain.register_blueprint(
        create_callback_blueprint(replace(settings, account=replace(settings.account, mode="plain")))
    )
    body = fields_xml(phone.message(Content="菜单")).encode()
    answer = plain.test_client().post(ACCOUNT, query_string=phone.plain_args(), data=body)
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    assert "1 结婚登记预约" in answer.get_data(as_text=True)


def test_the_key_before_the_present_one_still_opens_and_seals(phone: Phone) -> None:
    settings = phone.flask.extensions["settings"]
    changed = Flask("changed")
    account = replace(settings.account, aes_key="B" * 42 + "A", previous_aes_key=settings.account.aes_key)
    changed.register_blueprint(create_callback_blueprint(replace(settings, account=account)))
    args, body = _good(phone)
    answer = changed.test_client().post(ACCOUNT, query_string=args, data=body)
    assert answer.status_code == 200
    assert b"Encrypt" in answer.data
