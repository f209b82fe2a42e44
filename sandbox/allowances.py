"""What the product may still send: subscription credits (§5.2, §5.3) and customer-service windows (§5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sandbox.config import Product
from sandbox.notices import NoticeTemplate
from sandbox.state import Resident, Window

Trigger = Literal["message", "menu", "follow", "scan", "enter"]

HOURS_48, ONE_MINUTE = 48 * 3600, 60
# (sends allowed, seconds valid). Since 2021 some report 20 in place of 5; the documents still say 5.
WINDOWS: dict[tuple[Product, Trigger], tuple[int, int]] = {
    ("account", "message"): (5, HOURS_48),
    ("account", "menu"): (3, ONE_MINUTE),
    ("account", "follow"): (3, ONE_MINUTE),
    ("account", "scan"): (3, ONE_MINUTE),
    ("miniprogram", "message"): (5, HOURS_48),
    ("miniprogram", "enter"): (2, ONE_MINUTE),
}


def open_window(
    resident: Resident, product: Product, trigger: Trigger, now: float, counts: Mapping[str, int] | None = None
) -> None:
    """A new trigger starts its window afresh; windows of other triggers stay as they are.

    `counts` holds other numbers of sends, under names like "account message".
    """
    sends, seconds = WINDOWS[product, trigger]
    sends = (counts or {}).get(f"{product} {trigger}", sends)
    kept = [w for w in resident.windows if (w["product"], w["trigger"]) != (product, trigger)]
    fresh = Window(product=product, trigger=trigger, opened_at=now, expires_at=now + seconds, left=sends)
    resident.windows = [*kept, fresh]


def last_seen(resident: Resident, product: Product) -> float:
    """When this resident last did something that opened a window; 0 for never."""
    return max((w["opened_at"] for w in resident.windows if w["product"] == product), default=0.0)


def take_send(resident: Resident, product: Product, now: float) -> Literal["ok", "closed", "used_up"]:
    """Use one send of the window that closes first. How windows combine is not published; this spares the long one."""
    if product == "account" and not resident.following:
        return "closed"
    alive = [w for w in resident.windows if w["product"] == product and w["expires_at"] > now]
    if not alive:
        return "closed"
    usable = [w for w in alive if w["left"] > 0]
    if not usable:
        return "used_up"
    min(usable, key=lambda w: w["expires_at"])["left"] -= 1
    return "ok"


def give_credit(resident: Resident, template: NoticeTemplate) -> None:
    """The resident accepted once: one more send, or any number for a long-term template."""
    resident.credits[template.id] = 1 if template.long_term else resident.credits.get(template.id, 0) + 1


def withdraw_credit(resident: Resident, template: NoticeTemplate) -> None:
    """The resident switched the notice off."""
    resident.credits[template.id] = 0


def take_credit(resident: Resident, template: NoticeTemplate) -> bool:
    """Use one acceptance; False where there is none, or where the resident's main switch is off (43101)."""
    if template.product in resident.subscriptions_off:
        return False
    held = resident.credits.get(template.id, 0)
    if held and not template.long_term:
        resident.credits[template.id] = held - 1
    return held > 0
