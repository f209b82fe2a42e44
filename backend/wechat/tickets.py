"""The signature that lets a page of ours use WeChat's JS-SDK (wechat-protocol §2.4)."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backend.kernel.clock import now
from backend.wechat.caller import Caller

# What a browser can show: parsers disagree about backslashes, spaces and control characters.
_ADDRESS = re.compile(r"https?://[^\\\s\x00-\x1f\x7f]{1,2000}")


@dataclass(frozen=True)
class PageSignature:
    """What `wx.config` of a page needs."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str = field(repr=False)


class Tickets(Caller):
    """Signatures for pages of the account."""

    def sign_page(self, url: str, our_base_url: str) -> PageSignature:
        """Sign a page's address as the browser shows it. Raises `ValueError` for a page that is not on our host.

        Otherwise anybody's page could borrow our name: what is signed may use the JS-SDK as us. Host and port are
        compared letter by letter, with whatever stands before an @.
        """
        if not _ADDRESS.fullmatch(url):
            raise ValueError("only pages of our own host are signed")
        wanted, ours = urlsplit(url), urlsplit(our_base_url)
        if (wanted.scheme, wanted.netloc) != (ours.scheme, ours.netloc):
            raise ValueError("only pages of our own host are signed")
        timestamp, nonce = int(now().timestamp()), secrets.token_hex(8)
        return PageSignature(self.app_id, timestamp, nonce, signature_of(self.tickets.get(), nonce, timestamp, url))


def signature_of(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The sha1 over ticket, nonce, timestamp and the address without its fragment, in this order and raw."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 - the protocol's own choice
