"""access_token: the classic and the stable kind, each in its own store (wechat-protocol.md §2.1, §2.2)."""

from __future__ import annotations

import re
import secrets

from sandbox.config import AppConfig, Product
from sandbox.state import IssuedToken
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_PER_DAY, FORCED_GAP_SECONDS = 20, 30
REMEMBERED = 400
SHAPE = re.compile(r"\d{2}_[A-Za-z0-9_-]{100,}")


def classic_token(world: World, app: AppConfig) -> tuple[str, int]:
    """A new token each time; the one before lives five minutes more. (token, seconds it is valid)."""
    now = world.now()
    with world.lock:
        for token in _alive(world, app.product, "classic", now):
            _retire(token, now + OVERLAP_SECONDS)
        return _issue(world, app.product, "classic", now)["token"], LIFE_SECONDS


def stable_token(world: World, app: AppConfig, force: bool) -> tuple[str, int]:
    """The current token while it has over five minutes; `force` kills it at once, within the limits for leaks."""
    now = world.now()
    with world.lock:
        alive = [t for t in _alive(world, app.product, "stable", now) if t["dead_at"] is None]
        current = alive[-1] if alive else None
        if force and _may_force(world, app.product, now):
            for token in _alive(world, app.product, "stable", now):
                _retire(token, now)
            current = _issue(world, app.product, "stable", now)
        elif current is None or current["expires_at"] - now <= OVERLAP_SECONDS:
            # The old one is left to run out: both work for its last five minutes.
            current = _issue(world, app.product, "stable", now)
        return current["token"], min(LIFE_SECONDS, int(current["expires_at"] - now))


def product_of_token(world: World, token: str) -> Product:
    """Whose token this is. Raises 41001 missing, 40014 nonsense, 42001 expired, 40001 replaced or unknown."""
    if not token:
        raise WeChatError(41001)
    if not SHAPE.fullmatch(token):
        raise WeChatError(40014)
    now = world.now()
    with world.lock:
        found = next((issued for issued in world.state.tokens if secrets.compare_digest(issued["token"], token)), None)
    if found is None:
        raise WeChatError(40001)
    if found["dead_at"] is not None and found["dead_at"] <= now:
        raise WeChatError(40001)
    if found["expires_at"] <= now:
        raise WeChatError(42001)
    return found["product"]


def _alive(world: World, product: Product, kind: str, now: float) -> list[IssuedToken]:
    return [
        token
        for token in world.state.tokens
        if (token["product"], token["kind"]) == (product, kind)
        and token["expires_at"] > now
        and (token["dead_at"] is None or token["dead_at"] > now)
    ]


def _retire(token: IssuedToken, dead_at: float) -> None:
    token["dead_at"] = dead_at if token["dead_at"] is None else min(token["dead_at"], dead_at)


def _issue(world: World, product: Product, kind: str, now: float) -> IssuedToken:
    issued = IssuedToken(
        product=product,
        kind=kind,
        token=f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(102)}",
        issued_at=now,
        expires_at=now + LIFE_SECONDS,
        dead_at=None,
    )
    world.state.tokens.append(issued)
    del world.state.tokens[:-REMEMBERED]
    world.changed()
    return issued


def _may_force(world: World, product: Product, now: float) -> bool:
    """Closer than 30 s to the last: no refresh. The 21st in a day: 45009."""
    recent = [at for at in world.state.forced.get(product, []) if at > now - 86400]
    if recent and now - recent[-1] < FORCED_GAP_SECONDS:
        return False
    if len(recent) >= FORCED_PER_DAY:
        raise WeChatError(45009)
    world.state.forced[product] = [*recent, now]
    return True
