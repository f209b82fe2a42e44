"""People with addresses, messages to them, and a stand-in for the WeChat client that does as it is told."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, now
from backend.kernel.ids import new_id
from backend.storage import transaction
from messages import Channel, Product, Subject, attach_address, map_template, note_interaction, note_subscription, post
from messages.models import Address, DeliveryAttempt, OutboxMessage, SubscriptionCredit

NOON = datetime(2027, 5, 17, 12, 0, tzinfo=BEIJING)
ACCOUNT_APP = "wx00000000000000a1"
MINI_APP = "wx00000000000000b2"

NOTICE = "marriage.confirmed"  # subscribe, template, customer service, desk
DATA = {
    "matter": "结婚登记",
    "time": "2027年5月18日 10:00",
    "place": "新城区婚姻登记处",
    "number": "MZ-0518-0037",
    "hint": "请双方带身份证按时到",
}
FIELDS = {"thing1": "matter", "time2": "time", "thing3": "place", "character_string4": "number"}


@dataclass
class Call:
    """One call the product made."""

    endpoint: str
    openid: str
    template_id: str | None = None
    data: Mapping[str, str] | None = None
    client_msg_id: str | None = None
    text: str | None = None
    link: str | None = None


class FakeClient:
    """Answers calls with the next of `answers` (an exception, or None for success), then with success."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = deque(answers)
        self.calls: list[Call] = []
        self.before_answer = lambda: None
        self._lock = threading.Lock()

    def send_template(self, openid, template_id, data, url=None, client_msg_id=None):
        self._answer(Call("template", openid, template_id, data, client_msg_id=client_msg_id, link=url))
        return str(3400000000 + len(self.calls))

    def send_account_subscribe(self, openid, template_id, data, page=None):
        self._answer(Call("account_subscribe", openid, template_id, data, link=page))

    def send_miniprogram_subscribe(self, openid, template_id, data, page=None):
        self._answer(Call("miniprogram_subscribe", openid, template_id, data, link=page))

    def send_customer_text(self, openid, text):
        self._answer(Call("customer_text", openid, text=text))

    def _answer(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            answer = self.answers.popleft() if self.answers else None
        self.before_answer()
        if answer is not None:
            raise answer

    @property
    def endpoints(self) -> list[str]:
        return [call.endpoint for call in self.calls]

    def by_app(self) -> dict[str, FakeClient]:
        return {ACCOUNT_APP: self, MINI_APP: self}


@dataclass
class Someone:
    """A recipient, with openids derived from their id."""

    id: uuid.UUID

    @property
    def account(self) -> str:
        return f"o{self.id.hex[-27:]}"

    @property
    def mini(self) -> str:
        return f"x{self.id.hex[-27:]}"


def someone(*, follows: bool = False, credits: int = 0, wrote: bool = False) -> Someone:
    """A person: `follows` the account, has agreed `credits` times to TPL-S of the mini-program, `wrote` just now."""
    person = Someone(new_id())
    with transaction():
        if follows or wrote:
            attach_address(person.id, Product.ACCOUNT, ACCOUNT_APP, person.account, reachable=follows)
        if credits:
            attach_address(person.id, Product.MINIPROGRAM, MINI_APP, person.mini)
        for _ in range(credits):
            note_subscription(MINI_APP, person.mini, [("TPL-S", True)])
        if wrote:
            note_interaction(ACCOUNT_APP, person.account, "message", now())
    return person


def map_templates(notice: str = NOTICE, *, long_term: bool = False) -> None:
    with transaction():
        map_template(MINI_APP, Channel.SUBSCRIBE, notice, "TPL-S", FIELDS, long_term=long_term)
        map_template(ACCOUNT_APP, Channel.TEMPLATE, notice, "TPL-T", FIELDS)


def queue(
    person: Someone, notice: str = NOTICE, *, key: str | None = None, not_after: datetime | None = None, **data
) -> uuid.UUID:
    """Post a message; its id."""
    key = key or str(new_id())
    with transaction() as db:
        post(
            notice,
            recipient_id=person.id,
            subject=Subject("appointment", person.id),
            data={**DATA, **data},
            key=key,
            not_after=not_after,
        )
        return db.scalars(sa.select(OutboxMessage.id).where(OutboxMessage.key == key)).one()


def message(message_id: uuid.UUID) -> OutboxMessage:
    with transaction() as db:
        return db.get_one(OutboxMessage, message_id)


def attempts(message_id: uuid.UUID) -> list[DeliveryAttempt]:
    with transaction() as db:
        chosen = sa.select(DeliveryAttempt).where(DeliveryAttempt.message_id == message_id)
        return list(db.scalars(chosen.order_by(DeliveryAttempt.started_at, DeliveryAttempt.id)))


def balance(person: Someone) -> int:
    with transaction() as db:
        chosen = sa.select(SubscriptionCredit.balance).join(Address, Address.id == SubscriptionCredit.address_id)
        return db.scalars(chosen.where(Address.openid == person.mini)).one()


def window(person: Someone) -> tuple[timedelta | None, int]:
    """How long the account's reply window still lasts, and how many sends are left in it."""
    with transaction() as db:
        address = db.scalars(sa.select(Address).where(Address.openid == person.account)).one()
        return (None if address.window_until is None else address.window_until - now()), address.window_left
