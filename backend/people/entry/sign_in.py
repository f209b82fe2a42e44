"""Use cases: a login code of the mini-program or the web login becomes a login of ours (wechat-protocol §3.1, §4.1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from backend.people.entry.codes import HandedIn, Vouched, redeem
from backend.people.entry.session_keys import keep_session_key
from backend.people.identities import identity_for
from backend.people.logins import Login, open_login
from backend.people.rules import LoginKind
from messages import Product

Ask = Callable[[], Vouched]


def sign_in_miniprogram(app_id: str, code: str, ask: Ask, device: str = "") -> Login:
    """Sign in with a code of wx.login; requests that bring one code at the same time each get a login of their own.

    Raises as `redeem` does. Must not join a transaction.
    """

    def take_in(vouched: Vouched) -> uuid.UUID:
        identity_id = identity_for(Product.MINIPROGRAM, app_id, vouched.openid, vouched.unionid).id
        if vouched.session_key is not None:
            keep_session_key(identity_id, vouched.session_key, vouched.answered_at)
        return identity_id

    return open_login(redeem(HandedIn(app_id, code), ask, take_in), LoginKind.MINIPROGRAM, device)


def sign_in_web(app_id: str, code: str, browser: str, ask: Ask, device: str = "") -> Login:
    """Sign in with a code of the web login, for the browser that began it; the same browser may bring it twice.

    Raises as `redeem` does. Must not join a transaction.
    """

    def take_in(vouched: Vouched) -> uuid.UUID:
        return identity_for(Product.ACCOUNT, app_id, vouched.openid, vouched.unionid).id

    return open_login(redeem(HandedIn(app_id, code, browser), ask, take_in), LoginKind.WEB, device)
