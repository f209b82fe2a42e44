"""Codes that phones hand to the product: wx.login, phone number and web login; one use, five minutes (§3, §4.1)."""

from __future__ import annotations

import secrets

from sandbox.config import Product
from sandbox.state import IssuedCode, Resident
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

CODE_LIFE_SECONDS = 300
# Codes of one kind are of no use for another; their looks differ as WeChat's do.
SHAPES = {"login": ("0", "w1"), "phone": ("e31", "a7"), "oauth": ("0", "1w")}
PRODUCTS: dict[str, Product] = {"login": "miniprogram", "phone": "miniprogram", "oauth": "account"}
GONE = {"login": 40029, "phone": 40029, "oauth": 42003}
USED = {"login": 40163, "phone": 40029, "oauth": 40163}


def issue_code(world: World, resident: Resident, kind: str, scope: str = "", snapshot: bool = False) -> str:
    """A new code of this resident; `scope` and `snapshot` are of web logins."""
    head, tail = SHAPES[kind]
    code = head + secrets.token_hex(15) + tail
    with world.lock:
        now = world.now()
        state = world.state
        # A code that has just run out must still be told from one that never was.
        state.codes = {key: one for key, one in state.codes.items() if one["expires_at"] > now - CODE_LIFE_SECONDS}
        issued = IssuedCode(
            kind=kind,
            product=PRODUCTS[kind],
            resident_id=resident.id,
            expires_at=now + CODE_LIFE_SECONDS,
            used=False,
        )
        if kind == "oauth":
            issued["scope"], issued["snapshot"] = scope, snapshot
        else:
            resident.miniprogram_seen_at = now
        state.codes[code] = issued
        world.changed()
    return code


def redeem_code(world: World, product: Product, kind: str, code: str, openid: str = "") -> tuple[IssuedCode, Resident]:
    """Use a code up. Raises 40029 for an unknown one, one of another kind, product or (where given) openid.

    An old one is 40029, for web logins 42003; a used one 40163, for phone numbers 40029 (§3.4 knows no other).
    """
    with world.lock:
        found = world.state.codes.get(code)
        if found is None or found["kind"] != kind:
            raise WeChatError(40029)
        if found["product"] != product:
            raise WeChatError(40013 if kind == "phone" else 40029)
        resident = world.state.residents.get(found["resident_id"])
        if resident is None or (openid and resident.openid(product) != openid):
            raise WeChatError(40029)
        if found["expires_at"] <= world.now():
            raise WeChatError(GONE[kind])
        if found["used"]:
            raise WeChatError(USED[kind])
        found["used"] = True
        world.changed()
    return found, resident
