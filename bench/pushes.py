"""Pushes as WeChat sends them in security mode, each with its own message id, signature and ciphertext."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.settings import WeChatApp
from bench.load import post

PATH = "/wechat/account"


@dataclass(frozen=True)
class Sentence:
    """What one person writes."""

    openid: str
    text: str


def openids(count: int) -> list[str]:
    """Openids of invented people, 28 characters as WeChat's have."""
    return [f"obench{number:022d}" for number in range(count)]


def everyone_says(people: Sequence[str], text: str, count: int) -> Iterable[Sentence]:
    """`count` sentences, person after person."""
    return (Sentence(openid, text) for openid in itertools.islice(itertools.cycle(people), count))


def conversations(people: Sequence[str], texts: Sequence[str], first_round: int, count: int) -> Iterable[Sentence]:
    """`count` sentences, person after person, each going through `texts`; neighbours are at different places there."""
    for number in range(count):
        person = number % len(people)
        yield Sentence(people[person], texts[(first_round + number // len(people) + person) % len(texts)])


class PushMaker:
    """Makes requests that carry pushes of one app; message ids never come twice."""

    def __init__(self, app: WeChatApp) -> None:
        self._app = app
        self._key = base64.b64decode(app.aes_key + "=")
        self._ids = itertools.count(24_000_000_000_000_000)

    def requests(self, sentences: Iterable[Sentence]) -> list[bytes]:
        """One POST per sentence, signed now."""
        return [self._request(sentence) for sentence in sentences]

    def reply(self, body: bytes) -> str:
        """The text of an encrypted answer. Raises `ValueError` for a body that is none."""
        encrypted = body.partition(b"<Encrypt><![CDATA[")[2].partition(b"]]>")[0]
        if not encrypted:
            raise ValueError("this is no encrypted answer")
        plain = self._cipher().decryptor().update(base64.b64decode(encrypted))
        return plain.partition(b"<Content><![CDATA[")[2].partition(b"]]>")[0].decode()

    def _request(self, sentence: Sentence) -> bytes:
        moment, nonce = str(int(time.time())), str(next(self._ids))
        encrypted = self._encrypted(
            f"<xml><ToUserName><![CDATA[{self._app.original_id}]]></ToUserName>"
            f"<FromUserName><![CDATA[{sentence.openid}]]></FromUserName><CreateTime>{moment}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{sentence.text}]]></Content>"
            f"<MsgId>{nonce}</MsgId></xml>"
        )
        query = {
            "signature": _sign(self._app.token, moment, nonce),
            "timestamp": moment,
            "nonce": nonce,
            "openid": sentence.openid,
            "encrypt_type": "aes",
            "msg_signature": _sign(self._app.token, moment, nonce, encrypted),
        }
        body = (
            f"<xml><ToUserName><![CDATA[{self._app.original_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        return post(f"{PATH}?{urlencode(query)}", body.encode(), "Content-Type: text/xml\r\n")

    def _encrypted(self, message: str) -> str:
        inner = message.encode()
        packed = os.urandom(16) + len(inner).to_bytes(4, "big") + inner + self._app.app_id.encode()
        pad = 32 - len(packed) % 32
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(packed + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()
