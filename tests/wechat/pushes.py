"""Pushes as WeChat builds them, written without the product's code, so that one checks the other."""

from __future__ import annotations

import base64
import hashlib
import struct
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.kernel.clock import BEIJING
from backend.settings import WeChatApp

# The moment of the vectors in wechat-protocol.md §1.2.
PUSH_TIME = datetime.fromtimestamp(1714112445, BEIJING)
TIMESTAMP, NONCE = "1714112445", "415670741"

TEXT = (
    "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"
    "<FromUserName><![CDATA[oABCDEFGHIJKLMNOPQRSTUVWXYZ01]]></FromUserName>"
    "<CreateTime>1714112445</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[婚姻登记预约]]></Content><MsgId>23456789012345678</MsgId></xml>"
)


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def aes(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt_padded(plain: bytes, aes_key: str) -> str:
    encryptor = aes(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def packed(message: bytes, app_id: str) -> bytes:
    content = b"0123456789abcdef" + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = 32 - len(content) % 32
    return content + bytes([pad]) * pad


def encrypt(message: str | bytes, app: WeChatApp, aes_key: str | None = None) -> str:
    data = message if isinstance(message, bytes) else message.encode()
    return encrypt_padded(packed(data, app.app_id), aes_key or app.aes_key)


def decrypt(encrypted: str, app: WeChatApp, aes_key: str | None = None) -> str:
    decryptor = aes(aes_key or app.aes_key).decryptor()
    plain = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    content = plain[16 : -plain[-1]]
    size = struct.unpack(">I", content[:4])[0]
    assert content[4 + size :].decode() == app.app_id
    return content[4 : 4 + size].decode()


def envelope(encrypted: str, plain_fields: str = "") -> bytes:
    return (
        "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"
        f"{plain_fields}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    ).encode()


def plain_args(app: WeChatApp, timestamp: str = TIMESTAMP) -> dict[str, str]:
    return {"signature": sha1(app.token, timestamp, NONCE), "timestamp": timestamp, "nonce": NONCE, "openid": "oABC"}


def args_for(app: WeChatApp, encrypted: str, timestamp: str = TIMESTAMP) -> dict[str, str]:
    return {
        **plain_args(app, timestamp),
        "encrypt_type": "aes",
        "msg_signature": sha1(app.token, timestamp, NONCE, encrypted),
    }
