from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock
from backend.settings import PushMode, WeChatApp
from backend.wechat.envelope import EnvelopeKey, sign
from backend.wechat.inbound import TextMessage
from backend.wechat.push import MAX_BODY_BYTES, PushReceiver, PushRefused
from backend.wechat.replies import text_reply

from . import pushes
from .pushes import TEXT, args_for, encrypt, encrypt_padded, envelope, packed, plain_args

pytestmark = pytest.mark.usefixtures("clock")

OTHER_KEY = "B" * 42 + "A"


def refusal(receiver: PushReceiver, args: dict[str, str], body: bytes) -> tuple[int, str]:
    with pytest.raises(PushRefused) as caught:
        receiver.open(args, body)
    return caught.value.status, caught.value.reason


# --- §1.1: the address check ---


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_address_check_answers_the_vectors(app: WeChatApp, timestamp: str, nonce: str, signature: str) -> None:
    args = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": "4375120948345356249"}
    assert PushReceiver(app).verify_url(args) == "4375120948345356249"
    with pytest.raises(PushRefused) as caught:
        PushReceiver(replace(app, token="AAAAB")).verify_url(args)
    assert caught.value.status == 403


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce", "echostr"])
def test_address_check_refuses_what_is_incomplete(app: WeChatApp, missing: str) -> None:
    args = {**plain_args(app), "echostr": "1"}
    del args[missing]
    with pytest.raises(PushRefused) as caught:
        PushReceiver(app).verify_url(args)
    assert (caught.value.status, caught.value.reason) == (403, f"no_{missing}")


# --- §1.2: encryption ---

VECTORS = [
    (
        "hello",
        "uMMzGtqcnpOzXOYBwDQNrRmCUGb2zQ0mHfhZrCCDGPmB34CvIy5hSMpN8C7rU3Z5HbDAynadh9zk7EbaRWtCVA==",
        "e94b03771b78add377c7aee52d807c722496a762",
    ),
    (
        "<xml><a>1</a></xml>",
        "uMMzGtqcnpOzXOYBwDQNraJDntWT2S4ro0CWe+bORgY7d7RveAoAJ2HwAgmtCK/yBxN4cq4oDvpbKTMwba+r+w==",
        "00e0e824460cff69a44a064d5e2e9eb930fc76ee",
    ),
    (
        "<xml><b>12345678</b></xml>",
        "uMMzGtqcnpOzXOYBwDQNreh99oGDF7YoxzuyL0QzjBmdIeXtvx7rKDiDwQYTdZXQHwvBIMQA7/wqipa+6RJ0EfME54jgQxVd5zyC6FTD7L"
        "OFehl1qss/aeq2x4OybNJw",
        None,
    ),
]


@pytest.mark.parametrize(("message", "encrypted", "msg_signature"), VECTORS)
def test_vectors(app: WeChatApp, message: str, encrypted: str, msg_signature: str | None) -> None:
    assert EnvelopeKey(app.app_id, app.aes_key).decrypt(encrypted) == message.encode()
    if msg_signature:
        assert sign(app.token, pushes.TIMESTAMP, pushes.NONCE, encrypted) == msg_signature


@pytest.mark.parametrize("size", range(0, 70))
def test_every_pad_length_opens(app: WeChatApp, size: int) -> None:
    message = TEXT.replace("婚姻登记预约", "x" * size)
    encrypted = encrypt(message, app)
    opened = PushReceiver(app).open(args_for(app, encrypted), envelope(encrypted)).message
    assert isinstance(opened, TextMessage)
    assert opened.content == "x" * size


def test_a_push_is_opened_and_its_reply_sealed(app: WeChatApp) -> None:
    encrypted = encrypt(TEXT, app)
    opened = PushReceiver(app).open(args_for(app, encrypted), envelope(encrypted))
    assert isinstance(opened.message, TextMessage)
    assert opened.message.content == "婚姻登记预约"

    reply = text_reply(opened.message, "您好")
    sealed = {child.tag: child.text or "" for child in ET.fromstring(opened.seal(reply))}
    assert set(sealed) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert sealed["MsgSignature"] == pushes.sha1(app.token, sealed["TimeStamp"], sealed["Nonce"], sealed["Encrypt"])
    assert sealed["TimeStamp"] == pushes.TIMESTAMP
    assert pushes.decrypt(sealed["Encrypt"], app) == reply
    assert opened.seal(reply) != opened.seal(reply), "the random part repeats"
    assert opened.seal("success") == b"success"
    assert opened.seal("") == b""


def test_the_previous_key_opens_and_seals(app: WeChatApp) -> None:
    changed = replace(app, aes_key=OTHER_KEY, previous_aes_key=app.aes_key)
    encrypted = encrypt(TEXT, app)
    opened = PushReceiver(changed).open(args_for(app, encrypted), envelope(encrypted))
    sealed = ET.fromstring(opened.seal("<xml/>")).findtext("Encrypt", "")
    assert pushes.decrypt(sealed, app, app.aes_key) == "<xml/>"

    encrypted = encrypt(TEXT, app, OTHER_KEY)
    opened = PushReceiver(changed).open(args_for(app, encrypted), envelope(encrypted))
    sealed = ET.fromstring(opened.seal("<xml/>")).findtext("Encrypt", "")
    assert pushes.decrypt(sealed, app, OTHER_KEY) == "<xml/>"


# --- modes ---


@pytest.mark.parametrize("mode", ["security", "compatible"])
def test_a_plain_push_is_refused_outside_plain_mode(app: WeChatApp, mode: PushMode) -> None:
    receiver = PushReceiver(replace(app, mode=mode))
    assert refusal(receiver, plain_args(app), TEXT.encode()) == (403, "plain_refused")
    encrypted = encrypt(TEXT, app)
    assert refusal(receiver, args_for(app, encrypted), TEXT.encode()) == (400, "no_encrypt")
    assert refusal(receiver, plain_args(app), envelope(encrypted, TEXT[5:-6])) == (403, "plain_refused")


def test_in_compatible_mode_only_the_decrypted_part_counts(app: WeChatApp) -> None:
    encrypted = encrypt(TEXT, app)
    forged = "<FromUserName>oATTACKER</FromUserName><Content>取消</Content>"
    opened = PushReceiver(replace(app, mode="compatible")).open(args_for(app, encrypted), envelope(encrypted, forged))
    assert isinstance(opened.message, TextMessage)
    assert (opened.message.sender, opened.message.content) == ("oABCDEFGHIJKLMNOPQRSTUVWXYZ01", "婚姻登记预约")


def test_plain_mode_reads_plain_and_answers_plain(app: WeChatApp) -> None:
    opened = PushReceiver(replace(app, mode="plain")).open(plain_args(app), TEXT.encode())
    assert isinstance(opened.message, TextMessage)
    assert opened.seal("<xml>好</xml>") == "<xml>好</xml>".encode()


def test_plain_mode_also_opens_an_envelope_that_fits(app: WeChatApp) -> None:
    receiver = PushReceiver(replace(app, mode="plain"))
    encrypted = encrypt(TEXT.replace("婚姻登记预约", "密"), app)
    opened = receiver.open(args_for(app, encrypted), envelope(encrypted, TEXT[5:-6]))
    assert isinstance(opened.message, TextMessage)
    assert opened.message.content == "密"
    assert b"<Encrypt>" in opened.seal("<xml/>")

    foreign = encrypt(TEXT, app, OTHER_KEY)
    opened = receiver.open(
        args_for(app, foreign),
        envelope(foreign).replace(
            b"<xml>", TEXT[:-6].replace("<ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>", "").encode()
        ),
    )
    assert isinstance(opened.message, TextMessage)
    assert opened.seal("<xml/>") == b"<xml/>"


# --- refusals ---


def test_refuses_other_signatures(app: WeChatApp) -> None:
    receiver, encrypted = PushReceiver(app), encrypt(TEXT, app)
    good, body = args_for(app, encrypted), envelope(encrypted)
    assert refusal(receiver, {**good, "signature": "0" * 40}, body) == (403, "wrong_signature")
    assert refusal(receiver, {**good, "signature": "é"}, body) == (403, "bad_signature")
    assert refusal(receiver, {**good, "msg_signature": good["signature"]}, body) == (403, "wrong_msg_signature")
    without = {name: value for name, value in good.items() if name != "msg_signature"}
    assert refusal(receiver, without, body) == (403, "no_msg_signature")


@pytest.mark.parametrize(("seconds", "fits"), [(-601, False), (-600, True), (600, True), (601, False)])
def test_refuses_old_and_future_pushes(app: WeChatApp, clock: MovableClock, seconds: int, fits: bool) -> None:
    encrypted = encrypt(TEXT, app)
    args, body = args_for(app, encrypted), envelope(encrypted)
    clock.advance(timedelta(seconds=seconds))
    if fits:
        assert PushReceiver(app).open(args, body).message.to == "gh_0123456789ab"
    else:
        assert refusal(PushReceiver(app), args, body) == (403, "stale_timestamp")


def test_refuses_a_timestamp_that_is_none(app: WeChatApp) -> None:
    encrypted = encrypt(TEXT, app)
    assert refusal(PushReceiver(app), args_for(app, encrypted, "17141124x5"), envelope(encrypted)) == (
        403,
        "bad_timestamp",
    )


def test_refuses_a_large_body_unread(app: WeChatApp) -> None:
    assert refusal(PushReceiver(app), {}, b"x" * (MAX_BODY_BYTES + 1)) == (413, "too_large")


def damaged(app: WeChatApp) -> list[tuple[str, str]]:
    whole = packed(TEXT.encode(), app.app_id)
    pad = whole[-1]
    unequal = whole[:-pad] + bytes([0]) * (pad - 1) + bytes([pad])
    too_long = whole[:16] + b"\xff\xff\xff\xff" + whole[20:]
    return [
        (encrypt_padded(unequal, app.aes_key), "bad_padding"),
        (encrypt_padded(whole[:-1] + b"\x00", app.aes_key), "bad_padding"),
        (encrypt_padded(whole + bytes([33]) * 48, app.aes_key), "bad_padding"),
        (encrypt_padded(bytes([32]) * 32, app.aes_key), "bad_length"),
        (encrypt_padded(bytes([16]) * 16, app.aes_key), "bad_length"),
        (encrypt_padded(bytes([17]) * 16, app.aes_key), "bad_padding"),
        (encrypt_padded(too_long, app.aes_key), "bad_length"),
        (encrypt_padded(packed(TEXT.encode(), "wxffffffffffffffff"), app.aes_key), "wrong_app_id"),
        (encrypt_padded(packed(TEXT.encode(), ""), app.aes_key), "wrong_app_id"),
        (encrypt(TEXT, app)[:-4], "bad_block"),
        (encrypt(TEXT, app)[:-1], "bad_base64"),
        ("@@@@", "bad_base64"),
        ("a", "bad_base64"),
        ("密文", "no_encrypt"),
        (" ", "no_encrypt"),
        (encrypt(b"\xff\xfe", app), "not_utf8"),
        (encrypt("hello", app), "bad_xml"),
        (encrypt("", app), "bad_xml"),
        (encrypt("<xml/>", app), "bad_xml"),
        (encrypt("<html><a/></html>", app), "bad_xml"),
        (encrypt("<xml><a>1</a></xml>", app), "bad_field"),
        (encrypt('{"MsgType":"text"}', app), "bad_xml"),
        (encrypt(f"<!DOCTYPE xml>{TEXT}", app), "doctype"),
        (encrypt(f'<!DOCTYPE x [<!ENTITY a "b">]>{TEXT}', app), "doctype"),
        (encrypt(TEXT.replace("<![CDATA[婚姻登记预约]]>", "&a;"), app), "bad_xml"),
        (encrypt("<xml>" + "<a>" * 40 + "</a>" * 40 + "</xml>", app), "too_deep"),
        (encrypt(TEXT.replace("</xml>", "<FromUserName>oB</FromUserName></xml>"), app), "repeated_element"),
        (encrypt(TEXT.replace("</xml>", "<Content>2</Content></xml>"), app), "repeated_element"),
        (encrypt(TEXT.replace("<Content>", "<Content><b>1</b>"), app), "bad_field"),
        (encrypt(TEXT.replace("1714112445", "soon"), app), "bad_field"),
    ]


def test_refuses_damaged_contents_with_a_reason(app: WeChatApp) -> None:
    receiver = PushReceiver(app)
    for encrypted, reason in damaged(app):
        status = 403 if reason == "wrong_app_id" else 400
        assert refusal(receiver, args_for(app, encrypted.strip()), envelope(encrypted)) == (status, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad_xml"),
        (b"hello", "bad_xml"),
        (b"\xff\xff", "not_utf8"),
        (b'{"Encrypt":"x"}', "bad_xml"),
        (b"<xml></xml>", "bad_xml"),
        (b"<xml><Encrypt></Encrypt></xml>", "no_encrypt"),
        (b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", "repeated_element"),
        (b"<xml><Encrypt><a>b</a></Encrypt></xml>", "no_encrypt"),
        (b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x"><xml><Encrypt>a</Encrypt></xml>', "doctype"),
        (b"<xml><ToUserName>gh</ToUserName></xml>", "no_encrypt"),
    ],
)
def test_refuses_damaged_envelopes(app: WeChatApp, body: bytes, reason: str) -> None:
    assert refusal(PushReceiver(app), args_for(app, "x"), body) == (400, reason)


def test_a_wrong_key_is_refused(app: WeChatApp) -> None:
    encrypted = encrypt(TEXT, app, OTHER_KEY)
    status, reason = refusal(PushReceiver(app), args_for(app, encrypted), envelope(encrypted))
    assert status == 400
    assert reason in ("bad_padding", "bad_length")


# --- §1.7: JSON ---


def test_a_mini_program_may_push_json(app: WeChatApp) -> None:
    inner = json.dumps(
        {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": "oXYZ",
            "CreateTime": 1714112600,
            "MsgType": "text",
            "Content": "你好\x00\ud800",
            "MsgId": 23456789012345679,
        }
    )
    encrypted = encrypt(inner, app)
    body = json.dumps({"ToUserName": "gh_0123456789ab", "Encrypt": encrypted}).encode()
    opened = PushReceiver(app, accepts_json=True).open(args_for(app, encrypted), body)
    assert isinstance(opened.message, TextMessage)
    assert opened.message.content == "你好"
    assert opened.message.dedup_key == "message:23456789012345679"
    sealed = json.loads(opened.seal("<xml/>"))
    assert pushes.decrypt(sealed["Encrypt"], app) == "<xml/>"
    assert sealed["MsgSignature"] == pushes.sha1(
        app.token, str(sealed["TimeStamp"]), sealed["Nonce"], sealed["Encrypt"]
    )
    assert refusal(PushReceiver(app), args_for(app, encrypted), body) == (400, "bad_xml")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"Encrypt":"a","Encrypt":"b"}', "repeated_element"),
        (b'{"Encrypt":', "bad_json"),
        (b'{"Encrypt":1.5}', "bad_base64"),
        (b'{"Encrypt":null}', "no_encrypt"),
        (b'{"Encrypt":{}}', "no_encrypt"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b'{"a":' + b"[" * 100_000, "bad_json"),
        (b'{"a":' + b"[" * 30 + b"]" * 30 + b"}", "too_deep"),
    ],
)
def test_refuses_damaged_json(app: WeChatApp, body: bytes, reason: str) -> None:
    args = args_for(app, "1.5")
    assert refusal(PushReceiver(app, accepts_json=True), args, body) == (400, reason)
