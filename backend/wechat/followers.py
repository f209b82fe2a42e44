"""Followers of the account (wechat-protocol §4.2)."""

from __future__ import annotations

from backend.wechat.caller import Caller


def unionid_of(account: Caller, openid: str) -> str | None:
    """The unionid of a follower; None where the products share no Open Platform account, or the person has left.

    Raises a `WeChatError`.
    """
    answer = account.call("GET", "/cgi-bin/user/info", query={"openid": openid, "lang": "zh_CN"})
    unionid = answer.get("unionid")
    return unionid if isinstance(unionid, str) and unionid else None
