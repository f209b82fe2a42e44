"""What a resident does on the phone, and what the phone then shows."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any

from sandbox.allowances import Trigger, give_credit, open_window, withdraw_credit
from sandbox.config import Product
from sandbox.notices import NoticeTemplate
from sandbox.push import Delivery, Push, deliver, seal
from sandbox.replies import FAULT_TEXT, Outcome
from sandbox.state import QrCode, Resident
from sandbox.world import World

# Events whose answer the resident sees; the others are between the two servers.
ANSWERED_EVENTS = frozenset(
    {"subscribe", "SCAN", "CLICK", "scancode_waitmsg", "location_select", "user_enter_tempsession"}
    | {"pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
)
EVENT_WINDOWS: dict[str, Trigger] = {
    "subscribe": "follow",
    "SCAN": "scan",
    "CLICK": "menu",
    "scancode_push": "menu",
    "scancode_waitmsg": "menu",
    "user_enter_tempsession": "enter",
}
POPUP_ON_WEB_PAGE, POPUP_IN_MINIPROGRAM = 1, 0


class NotAllowed(ValueError):
    """The phone would not let the resident do this; the text says why."""


def text_message(world: World, resident: Resident, product: Product, text: str, menu_id: str | None) -> Push:
    """Show the resident's bubble, open the reply window and compose the push (§1.3)."""
    with world.lock:
        # A tap on an item of a msgmenu counts as a menu click and opens no 48 hours (§5.4).
        trigger: Trigger = "menu" if menu_id is not None and product == "account" else "message"
        fields: dict[str, Any] = {"MsgType": "text", "Content": text}
        if menu_id is not None:
            fields["bizmsgmenuid"] = menu_id
        return message(world, resident, product, fields, text, trigger)


def message(
    world: World,
    resident: Resident,
    product: Product,
    fields: dict[str, Any],
    shown: str,
    trigger: Trigger = "message",
    **more: Any,
) -> Push:
    """Any message of the resident: `fields` without MsgId, `shown` and `more` for the bubble. Raises `NotAllowed`."""
    with world.lock:
        if product == "account" and not resident.following:
            raise NotAllowed(f"{resident.name}还没有关注公众号，关注以后才能发消息")
        world.show(resident, "user", fields["MsgType"], shown, product, **more)
        allow_sends(world, resident, product, trigger)
        message_id = 23_000_000_000_000_000 + world.state.number() * 1000 + secrets.randbelow(1000)
        world.changed()
    return Push(product, resident.openid(product), {**fields, "MsgId": message_id}, is_event=False)


def allow_sends(world: World, resident: Resident, product: Product, trigger: Trigger) -> None:
    """The resident did something after which the product may write."""
    open_window(resident, product, trigger, world.now(), world.state.switches["service_counts"])
    world.conformance.changed(resident.openid(product))
    if product == "miniprogram":
        resident.miniprogram_seen_at = world.now()


def event(
    world: World,
    resident: Resident,
    name: str,
    key: str,
    ticket: str | None = None,
    extra: dict[str, Any] | None = None,
) -> Push:
    """Apply what the event changes and compose it (§1.4). Raises `NotAllowed` for what the phone would not offer.

    `ticket` is that of the scanned QR code; a scene that nobody asked a code for gets one made up. `extra` are further
    fields, such as what was scanned from the menu.
    """
    with world.lock:
        if name == "subscribe" and resident.following:
            raise NotAllowed(f"{resident.name}已经关注了公众号")
        if name != "subscribe" and not resident.following:
            raise NotAllowed(f"{resident.name}还没有关注公众号")
        fields: dict[str, Any] = {"MsgType": "event", "Event": name}
        if name == "subscribe":
            resident.following, resident.followed_at, resident.came_by = True, int(world.now()), key
            world.show(resident, "system", "follow", "您已关注“暖民·新城区民政”", "account")
            fields["EventKey"] = f"qrscene_{key}" if key else ""
        elif name == "unsubscribe":
            resident.following, resident.tags = False, []
            world.conformance.left(resident.account_openid, time.monotonic())
            resident.windows = [window for window in resident.windows if window["product"] != "account"]
            world.show(resident, "system", "unfollow", "您已取消关注", "account")
            fields["EventKey"] = ""
        else:
            fields["EventKey"] = key
        if name == "SCAN" or (name == "subscribe" and key):
            fields["Ticket"] = ticket or secrets.token_urlsafe(48)
        if name in EVENT_WINDOWS:
            allow_sends(world, resident, "account", EVENT_WINDOWS[name])
        world.changed()
    return Push("account", resident.account_openid, {**fields, **(extra or {})}, is_event=True)


def scan(world: World, resident: Resident, code: QrCode) -> Push:
    """Scan a QR code of the account: SCAN from a follower, else following by it (§6.2)."""
    name = "SCAN" if resident.following else "subscribe"
    return event(world, resident, name, code["scene"], code["ticket"])


def subscription(
    world: World, resident: Resident, product: Product, templates: Sequence[NoticeTemplate], status: str
) -> Push:
    """A resident's choice on the consent popup: accept or reject; or `withdraw`, switching notices off later (§1.4)."""
    with world.lock:
        if status != "withdraw" and product in resident.subscriptions_off:
            raise NotAllowed(f"20004：{resident.name}关掉了订阅消息的总开关")
        world.conformance.changed(resident.openid(product))
        for template in templates:
            if status == "accept":
                give_credit(resident, template)
            elif status == "withdraw":
                withdraw_credit(resident, template)
        world.changed()
    withdrawn = status == "withdraw"
    container = "SubscribeMsgChangeEvent" if withdrawn else "SubscribeMsgPopupEvent"
    shown = "reject" if withdrawn else status
    scene = POPUP_ON_WEB_PAGE if product == "account" else POPUP_IN_MINIPROGRAM
    extra = {} if withdrawn else {"PopupScene": scene}
    items = [{"TemplateId": template.id, "SubscribeStatusString": shown, **extra} for template in templates]
    name = "subscribe_msg_change_event" if withdrawn else "subscribe_msg_popup_event"
    fields = {"MsgType": "event", "Event": name, container: {"List": items}}
    return Push(product, resident.openid(product), fields, is_event=True)


def carry_out(
    world: World, resident: Resident, push: Push, copies: int = 1, concurrent: bool = False
) -> list[Delivery]:
    """Deliver the push `copies` times with the same body; the phone shows what the first of them brought back."""
    with world.lock:
        world.waiting[resident.id] = world.waiting.get(resident.id, 0) + 1
    try:
        deliveries = _deliver_copies(world, push, copies, concurrent)
        _show_outcome(world, resident, push, deliveries[0].outcome)
    finally:
        with world.lock:
            # A reset may have emptied the counts while the product was thinking.
            world.waiting[resident.id] = max(0, world.waiting.get(resident.id, 0) - 1)
    return deliveries


def _deliver_copies(world: World, push: Push, copies: int, concurrent: bool) -> list[Delivery]:
    sealed = seal(world, push)
    if copies == 1 or not concurrent:
        return [deliver(world, push, sealed) for _ in range(copies)]
    done: dict[int, Delivery] = {}
    gate = threading.Barrier(copies)

    def one(number: int) -> None:
        gate.wait()
        done[number] = deliver(world, push, sealed)

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[number] for number in range(copies)]


def _show_outcome(world: World, resident: Resident, push: Push, outcome: Outcome) -> None:
    answered = not push.is_event or push.fields["Event"] in ANSWERED_EVENTS
    if not answered:
        return
    if outcome.kind == "fault":
        world.show(resident, "fault", "text", FAULT_TEXT, push.product, reason=outcome.reason)
    elif outcome.kind == "replied" and outcome.reply is not None:
        reply = dict(outcome.reply)
        kind, text = reply.pop("type"), reply.pop("text")
        if kind == "transfer_customer_service":
            world.show(resident, "system", kind, "已为您转接人工客服", push.product)
        else:
            world.show(resident, "account", kind, text, push.product, **reply)
