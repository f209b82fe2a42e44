"""What is fuzzed: any bytes as a push to either callback in any mode, and as a file. Only refusals may come of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

from backend.files.rules import Unfit, content_type
from backend.settings import WeChatApp
from backend.wechat.inbound import Inbound
from backend.wechat.parsing import parse_inbound
from backend.wechat.push import PushReceiver, PushRefused
from backend.wechat.replies import said_in, text_reply
from tests.wechat.pushes import args_for, encrypt, encrypt_padded, envelope, plain_args

APP = WeChatApp("wx0123456789abcdef", "s", "AAAAA", "A" * 43, "B" * 42 + "A", "security", "gh_0123456789ab")
MODES = ("plain", "compatible", "security")
RECEIVERS = [
    PushReceiver(replace(APP, mode=mode), accepts_json=accepts_json)  # type: ignore[arg-type]
    for mode in MODES
    for accepts_json in (False, True)
]


def any_body(receiver: PushReceiver, data: bytes) -> None:
    """Bytes in the clear, rightly signed."""
    _opened(receiver, plain_args(APP), data)


def any_message(receiver: PushReceiver, data: bytes) -> None:
    """Bytes as the message inside a right envelope, of XML and of JSON."""
    encrypted = encrypt(data, APP)
    _opened(receiver, args_for(APP, encrypted), envelope(encrypted))
    _opened(receiver, args_for(APP, encrypted), json.dumps({"Encrypt": encrypted}).encode())


def any_plaintext(receiver: PushReceiver, data: bytes) -> None:
    """Bytes as what was encrypted, padding and all."""
    encrypted = encrypt_padded(data[: len(data) // 16 * 16], APP.aes_key)
    _opened(receiver, args_for(APP, encrypted), envelope(encrypted))


def any_ciphertext(receiver: PushReceiver, data: bytes) -> None:
    """Bytes as the ciphertext."""
    encrypted = base64.b64encode(data).decode()
    _opened(receiver, args_for(APP, encrypted), envelope(encrypted))


def any_file(_receiver: PushReceiver, data: bytes) -> None:
    """Bytes as a file."""
    try:
        content_type(data)
    except Unfit:
        return


TARGETS: tuple[Callable[[PushReceiver, bytes], None], ...] = (
    any_body,
    any_message,
    any_plaintext,
    any_ciphertext,
    any_file,
)


def run(data: bytes) -> None:
    """One input: the first byte chooses the target and the receiver."""
    choice = data[0] if data else 0
    TARGETS[choice % len(TARGETS)](RECEIVERS[choice // len(TARGETS) % len(RECEIVERS)], data[1:])


def _opened(receiver: PushReceiver, args: dict[str, str], body: bytes) -> None:
    try:
        opened = receiver.open(args, body)
    except PushRefused as refused:
        if refused.status not in (400, 403, 413):
            raise AssertionError(refused.status) from None
        return
    _holds(opened.message)
    opened.seal(text_reply(opened.message, "好"))


def _holds(message: Inbound) -> None:
    """What the entrance relies on: a short key, a text that can be stored, and that it reads back the same."""
    if len(message.dedup_key) > 200:
        raise AssertionError(message.dedup_key)
    again = parse_inbound(json.loads(json.dumps(message.raw, ensure_ascii=False).encode()))
    if again != message or again.dedup_key != message.dedup_key:
        raise AssertionError(repr(message))
    if said_in(text_reply(message, "好")) != "好":
        raise AssertionError(repr(message))
