"""Asking WeChat about followers, words and pictures, with the clients of this process."""

from __future__ import annotations

from typing import Protocol, cast

from backend.jobs.clients import clients
from backend.wechat.caller import Caller
from backend.wechat.errors import Misconfigured
from backend.wechat.followers import unionid_of
from backend.wechat.media_checks import CheckedSubject, MediaChecker, ask_media_check
from backend.wechat.security import TextVerdict


class _Checks(Protocol):
    """What is needed of `WeChatClient`, whose other part delivery uses."""

    def check_text(self, openid: str, text: str) -> TextVerdict: ...


def check_words(app_id: str, openid: str, text: str) -> TextVerdict:
    """What WeChat thinks of words of somebody who uses this mini-program; raises a `WeChatError` (§6.6)."""
    client = clients().get(app_id)
    if client is None:
        raise Misconfigured
    return cast(_Checks, client).check_text(openid, text)


def check_picture(app_id: str, openid: str, address: str, subject: CheckedSubject) -> str:
    """Have a picture looked at that WeChat fetches from `address`; raises a `WeChatError` (§6.6)."""
    client = clients().get(app_id)
    if client is None:
        raise Misconfigured
    return ask_media_check(cast(MediaChecker, client), openid, address, subject)


def unionid_by_app(app_id: str, openid: str) -> str | None:
    """The unionid of a follower of an app; raises a `WeChatError`, `Misconfigured` for an app that is not ours."""
    client = clients().get(app_id)
    if client is None:
        raise Misconfigured
    return unionid_of(cast(Caller, client), openid)  # the other part of it is delivery's
