"""Who is acting in this request, in which role and from where; the console tells it, the trail writes it down."""

from __future__ import annotations

import ipaddress
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

# A street's connections share such a net; a person's habits cannot be read from it (PIPL art 6: no more than needed).
_KEPT_BITS = {4: 24, 6: 48}


@dataclass(frozen=True)
class Acting:
    """The actor of a request; all None outside one, where the system acts. `address` is a coarsened network."""

    account_id: uuid.UUID | None = None
    role: str | None = None
    address: str | None = None
    request_id: str | None = None
    stand_in_for: uuid.UUID | None = None


_NOBODY = Acting()
_current: ContextVar[Acting] = ContextVar("acting", default=_NOBODY)


def acting(
    account_id: uuid.UUID | None,
    role: str | None,
    address: str | None,
    request_id: str | None,
    *,
    stand_in_for: uuid.UUID | None = None,
) -> None:
    """From now on, in this context, everything recorded is done by this account; `acting_ends` takes it back.

    `role` is the one that gives the power used, `stand_in_for` the absent colleague in whose stead it is used,
    `address` the caller's IP address, of which only the network is kept.
    """
    _current.set(Acting(account_id, role, coarse_address(address), request_id, stand_in_for))


def acting_ends() -> None:
    """Nobody is acting any more; at the end of each request, since servers use their threads again."""
    _current.set(_NOBODY)


def who_acts() -> Acting:
    """The actor of this context."""
    return _current.get()


def coarse_address(address: str | None) -> str | None:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; None for what is neither."""
    try:
        read = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    mapped = getattr(read, "ipv4_mapped", None)
    if mapped is not None:
        read = mapped
    return str(ipaddress.ip_network(f"{read}/{_KEPT_BITS[read.version]}", strict=False))
