"""What WeChat sends to our callback address: verified, opened, and the reply sealed (wechat-protocol §1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.kernel.clock import now
from backend.settings import WeChatApp
from backend.wechat.envelope import EnvelopeKey, Sealer, same_signature, sign
from backend.wechat.errors import PushRefused
from backend.wechat.inbound import Inbound
from backend.wechat.parsing import parse_inbound
from backend.wechat.reading import Tree, read_json, read_xml

__all__ = ["MAX_BODY_BYTES", "OpenedPush", "PushReceiver", "PushRefused"]

MAX_BODY_BYTES = 1024 * 1024

# Answers WeChat understands without an envelope in every mode (§1.1, §1.6).
_BARE_REPLIES = ("success", "")

_TIMESTAMP = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True)
class OpenedPush:
    """A push that is WeChat's own: what it says, and how the answer has to leave. `sealer` is None for a plain push."""

    message: Inbound
    sealer: Sealer | None

    def seal(self, reply_xml: str) -> bytes:
        """The body of our HTTP answer: in an envelope if the push came in one. `success` and nothing stay plain."""
        if self.sealer is None or reply_xml in _BARE_REPLIES:
            return reply_xml.encode()
        return self.sealer.seal(reply_xml)


class PushReceiver:
    """Opens the pushes of one app. Safe to share between threads.

    `max_age_seconds` bounds how far the signed timestamp may lie from our clock either way: a repeat comes up to ten
    seconds later and may carry the first timestamp (§1.6), and clocks drift. `accepts_json`: mini-programs choose
    between XML and JSON, an account pushes XML only (§1.1).
    """

    def __init__(self, app: WeChatApp, *, max_age_seconds: int = 600, accepts_json: bool = False) -> None:
        self._token = app.token
        self._mode = app.mode
        self._max_age_seconds = max_age_seconds
        self._accepts_json = accepts_json
        keys = (app.aes_key, app.previous_aes_key)
        self._keys = tuple(EnvelopeKey(app.app_id, key) for key in keys if key)

    def verify_url(self, args: Mapping[str, str]) -> str:
        """The `echostr` to answer the address check with (§1.1).

        Raises `PushRefused` 403. Its age is not checked: the answer has no effect that a repeat could abuse.
        """
        self.check_signature(args)
        return _argument(args, "echostr")

    def open(self, args: Mapping[str, str], body: bytes) -> OpenedPush:
        """Verify, decrypt and type one POST. `args` is its query.

        Raises `PushRefused` (413 too large, 403 not proven to be WeChat's, 400 damaged) and nothing else.
        """
        if len(body) > MAX_BODY_BYTES:
            raise PushRefused(413, "too_large")
        self.check_signature(args)
        self._check_age(args["timestamp"])
        tree, is_json = self._read(body)
        message, sealer = self._unseal(args, tree, is_json)
        return OpenedPush(parse_inbound(message), sealer)

    def check_signature(self, args: Mapping[str, str]) -> None:
        """Raises `PushRefused` 403 unless the query is signed with our token (§1.1)."""
        timestamp, nonce = _argument(args, "timestamp"), _argument(args, "nonce")
        if not same_signature(_argument(args, "signature"), sign(self._token, timestamp, nonce)):
            raise PushRefused(403, "wrong_signature")

    def _check_age(self, timestamp: str) -> None:
        if not _TIMESTAMP.fullmatch(timestamp):
            raise PushRefused(403, "bad_timestamp")
        if abs(now().timestamp() - int(timestamp)) > self._max_age_seconds:
            raise PushRefused(403, "stale_timestamp")

    def _read(self, body: bytes) -> tuple[Tree, bool]:
        if self._accepts_json and body.lstrip()[:1] == b"{":
            return read_json(body), True
        return read_xml(body), False

    def _unseal(self, args: Mapping[str, str], tree: Tree, is_json: bool) -> tuple[Tree, Sealer | None]:
        encrypted = args.get("encrypt_type") == "aes"
        if self._mode != "plain":
            # Also in compatible mode: WeChat always sends `Encrypt` then, and the plain fields beside it are bound to
            # no signature, so whoever learns one valid query string could forge them (§1.1).
            if not encrypted:
                raise PushRefused(403, "plain_refused")
            return self._decrypt(args, tree, is_json)
        if encrypted:  # the operator is on the way to another mode, or back from it
            try:
                return self._decrypt(args, tree, is_json)
            except PushRefused:
                return tree, None
        return tree, None

    def _decrypt(self, args: Mapping[str, str], tree: Tree, is_json: bool) -> tuple[Tree, Sealer]:
        encrypt = tree.get("Encrypt")
        if isinstance(encrypt, list):
            raise PushRefused(400, "repeated_element")
        if not isinstance(encrypt, str) or not encrypt.isascii() or not encrypt.strip():
            raise PushRefused(400, "no_encrypt")
        encrypt = encrypt.strip()
        # The parameter is msg_signature, over Encrypt too; checking `signature` here instead is the classic mistake.
        expected = sign(self._token, args["timestamp"], args["nonce"], encrypt)
        if not same_signature(_argument(args, "msg_signature"), expected):
            raise PushRefused(403, "wrong_msg_signature")
        key, message = self._try_keys(encrypt)
        return read_json(message) if is_json else read_xml(message), Sealer(self._token, key, is_json)

    def _try_keys(self, encrypt: str) -> tuple[EnvelopeKey, bytes]:
        """The current key, then the one before it, which WeChat goes on using for a while after a change (§1.2)."""
        first_refusal: PushRefused | None = None
        for key in self._keys:
            try:
                return key, key.decrypt(encrypt)
            except PushRefused as refusal:
                first_refusal = first_refusal or refusal
        raise first_refusal or PushRefused(403, "no_key")


def _argument(args: Mapping[str, str], name: str) -> str:
    """A query argument; WeChat sends short visible ASCII only."""
    value = args.get(name)
    if not value:
        raise PushRefused(403, f"no_{name}")
    if not value.isascii() or not value.isprintable() or len(value) > 512:
        raise PushRefused(403, f"bad_{name}")
    return value
