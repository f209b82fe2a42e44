"""Who may call a route. Every view says so with `@access(...)`; start-up and a guard test refuse one that does not.

The declaration is only a mark. The kits enforce it: `backend.api` for residents, `backend.console` for staff,
`backend.chat` for WeChat's signed pushes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Caller(StrEnum):
    """Kinds of caller a route can be for."""

    ANYONE = "anyone"
    RESIDENT = "resident"  # a mini-program session (Authorization: Bearer)
    RESIDENT_WEB = "resident_web"  # a page inside WeChat (cookie), signed in by WeChat itself
    STAFF = "staff"  # a console session, with the permission named
    WECHAT = "wechat"  # signed by WeChat
    OPERATOR = "operator"  # health and metrics, reachable from the operator's network only
    DEMONSTRATION = "demonstration"  # signed like a push, and only there in a demonstration


@dataclass(frozen=True)
class Access:
    """Who, and for staff which permission; None means any signed-in member of staff."""

    caller: Caller
    permission: str | None = None


def access(caller: Caller, permission: str | None = None) -> Callable[[View], View]:
    """Declare who may call the decorated view."""

    def mark(view: View) -> View:
        view.__access__ = Access(caller, permission)  # type: ignore[attr-defined]
        return view

    return mark


def declared_access(view: Callable[..., Any]) -> Access | None:
    """What the view declared, or None."""
    return getattr(view, "__access__", None)
