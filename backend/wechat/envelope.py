"""The signed and encrypted envelope of pushes and passive replies (wechat-protocol §1.1, §1.2).

wechatpy's signer, cipher and packing are used; what it leaves unchecked on the way in is checked here.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import dataclass

from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from backend.kernel.clock import now
from backend.wechat.errors import PushRefused

_HEADER = 16 + 4  # random bytes, then the length of the message
_MAX_PAD = 32  # PKCS#7 with block 32, not AES's 16


def sign(*parts: str) -> str:
    """Hex SHA-1 over the sorted parts: `signature` (token, timestamp, nonce), `msg_signature` (those and Encrypt)."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def same_signature(given: str, computed: str) -> bool:
    """Compare in constant time; wechatpy compares with `!=` (§8.1 no. 6). Any text may be given."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), computed.encode("ascii"))


class _SafePrpCrypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no type hints
    """wechatpy's packing, with 16 unpredictable bytes: it draws them from `random`, which can be foretold."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class EnvelopeKey:
    """One EncodingAESKey of one app: 43 letters or digits."""

    def __init__(self, app_id: str, encoding_aes_key: str) -> None:
        self._app_id = app_id
        self._crypto = _SafePrpCrypto(base64.b64decode(encoding_aes_key + "="))

    def encrypt(self, message: str) -> str:
        """The base64 `Encrypt` value for a message."""
        return bytes(self._crypto.encrypt(message, self._app_id)).decode("ascii")

    def decrypt(self, encrypt: str) -> bytes:
        """The message inside `Encrypt`.

        wechatpy's own `decrypt` raises IndexError, struct.error or TypeError on damaged input and never looks at the
        padding (§8.1 no. 6), so only its cipher is used. Raises `PushRefused`: `bad_base64`, `bad_block`,
        `bad_padding`, `bad_length` (400), `wrong_app_id` (403).
        """
        try:
            ciphertext = base64.b64decode(encrypt, validate=True)
        except ValueError:
            raise PushRefused(400, "bad_base64") from None
        if not ciphertext or len(ciphertext) % 16:
            raise PushRefused(400, "bad_block")
        return self._unpack(self._crypto.cipher.decrypt(ciphertext))

    def _unpack(self, plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= min(_MAX_PAD, len(plain)) or not plain.endswith(bytes([pad]) * pad):
            raise PushRefused(400, "bad_padding")
        content = plain[:-pad]
        end = _HEADER + int.from_bytes(content[16:_HEADER], "big")
        if len(content) < _HEADER or end > len(content):
            raise PushRefused(400, "bad_length")
        if content[end:] != self._app_id.encode("ascii"):
            raise PushRefused(403, "wrong_app_id")
        return content[_HEADER:end]


@dataclass(frozen=True)
class Sealer:
    """Seals the reply to one push: with the key that opened it (§1.2) and in the data format it came in."""

    token: str
    key: EnvelopeKey
    as_json: bool

    def seal(self, reply: str) -> bytes:
        """The envelope with a timestamp and nonce of our own. It is XML, or JSON where the push was JSON."""
        encrypt = self.key.encrypt(reply)
        timestamp, nonce = str(int(now().timestamp())), str(secrets.randbelow(10**10))
        signature = sign(self.token, timestamp, nonce, encrypt)
        if self.as_json:
            fields = {"Encrypt": encrypt, "MsgSignature": signature, "TimeStamp": int(timestamp), "Nonce": nonce}
            return json.dumps(fields).encode()
        return (
            f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()
