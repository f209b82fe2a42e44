"""Permission to write to people, kept as stock (wechat-protocol §5): addresses, one-time credits, reply windows.

All functions that change something join the caller's open transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.ids import new_id
from backend.storage import ask, run, session
from messages.models import Address, MessageTemplate, Product, SubscriptionCredit

Interaction = Literal["message", "menu", "follow", "scan", "enter"]


@dataclass(frozen=True)
class Window:
    """How many customer-service messages an interaction allows, and for how long."""

    sends: int
    span: timedelta


# §5.4. Posts since 2021 report 20 sends after a message; the documented 5 is safe.
WINDOWS: Mapping[Interaction, Window] = MappingProxyType(
    {
        "message": Window(5, timedelta(hours=48)),
        "menu": Window(3, timedelta(minutes=1)),
        "follow": Window(3, timedelta(minutes=1)),
        "scan": Window(3, timedelta(minutes=1)),
        "enter": Window(2, timedelta(minutes=1)),  # the mini-program's service chat was opened
    }
)


# A window that is only a two-hundredth too short is left, so that sentence after sentence does not write the row anew.
_OPEN_WINDOW = sa.text(
    """
    UPDATE message_addresses SET window_until = :until, window_left = :sends
    WHERE app_id = :app_id AND openid = :openid AND (
        window_until IS NULL OR window_left = 0 OR window_until < :enough
        OR (window_until <= :until AND window_left < :sends)
    )
    """
)


# The same for many people; their rows are locked in order, so that two such statements never wait for each other.
_OPEN_WINDOWS = sa.text(
    """
    UPDATE message_addresses SET window_until = :until, window_left = :sends
    WHERE id IN (
        SELECT id FROM message_addresses
        WHERE app_id = :app_id AND openid = ANY(string_to_array(:openids, ' ')) AND (
            window_until IS NULL OR window_left = 0 OR window_until < :enough
            OR (window_until <= :until AND window_left < :sends)
        )
        ORDER BY id FOR UPDATE
    )
    RETURNING id
    """
)


def attach_address(
    recipient_id: uuid.UUID, product: Product, app_id: str, openid: str, *, reachable: bool = True
) -> None:
    """Give a recipient an openid, or take it over from another recipient when two turn out to be one person.

    `reachable` counts for a new address; an old one keeps what pushes have told about it.
    """
    statement = insert(Address).values(
        id=new_id(), recipient_id=recipient_id, product=product, app_id=app_id, openid=openid, reachable=reachable
    )
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["app_id", "openid"], set_={"recipient_id": statement.excluded.recipient_id}
        )
    )


def note_followed(app_id: str, openid: str, at: datetime) -> None:
    """The person follows the account: template messages can reach them, and the window of a follow opens."""
    _change(sa.update(Address).values(reachable=True), app_id, openid)
    note_interaction(app_id, openid, "follow", at)


def note_unfollowed(app_id: str, openid: str) -> None:
    """The person left the account: nothing may be sent there any more (§1.4), so all stock of it is gone."""
    _change(sa.update(Address).values(reachable=False, window_until=None, window_left=0), app_id, openid)
    session().execute(
        sa.delete(SubscriptionCredit)
        .where(SubscriptionCredit.address_id.in_(_address_id(app_id, openid)))
        .execution_options(synchronize_session=False)
    )


def note_interaction(app_id: str, openid: str, kind: Interaction, at: datetime) -> None:
    """The person did something that allows customer-service messages; one statement, for every inbound message runs it.

    Of the open window and the new one the longer stays, unless nothing is left in it; how WeChat combines windows is
    not published.
    """
    run(_OPEN_WINDOW, {"app_id": app_id, "openid": openid, **_window_values(kind, at)})


def _window_values(kind: Interaction, at: datetime) -> dict[str, object]:
    window = WINDOWS[kind]
    until = at + window.span
    return {"until": until, "enough": until - window.span / 200, "sends": window.sends}


def note_messages(app_id: str, openids: Sequence[str], at: datetime) -> None:
    """Each of these people wrote to us; one statement, and outside a transaction one of its own."""
    ask(_OPEN_WINDOWS, {"app_id": app_id, "openids": " ".join(openids), **_window_values("message", at)})


def note_subscription(app_id: str, openid: str, answers: Iterable[tuple[str, bool]], *, changed: bool = False) -> None:
    """Account for (template id, accepted) pairs of a popup event, or of a change event (`changed`).

    An accepted one-time template is one more send; a long-term one may be used until it is refused (§5.2). A refusal
    in a popup takes nothing away; one in the settings takes all.
    """
    for template_id, accepted in sorted(answers):
        if accepted and not changed:
            _add_credit(app_id, openid, template_id)
        elif changed and not accepted:
            empty_credit(app_id, openid, template_id)


def _add_credit(app_id: str, openid: str, template_id: str) -> None:
    new = sa.select(Address.id, sa.literal(template_id), sa.literal(1)).where(
        Address.app_id == app_id, Address.openid == openid
    )
    statement = insert(SubscriptionCredit).from_select(["address_id", "template_id", "balance"], new)
    session().execute(
        statement.on_conflict_do_update(index_elements=["address_id", "template_id"], set_={"balance": _ONE_MORE})
    )


def return_credit(address_id: uuid.UUID, template_id: str) -> None:
    """A message was surely not delivered: the agreement it took still stands. A long-term one was not used up."""
    session().execute(
        sa.update(SubscriptionCredit)
        .where(SubscriptionCredit.address_id == address_id, SubscriptionCredit.template_id == template_id)
        .values(balance=_ONE_MORE)
        .execution_options(synchronize_session=False)
    )


# A long-term agreement is one, however often it is given.
_ONE_MORE = sa.case(
    (
        sa.exists().where(
            MessageTemplate.template_id == SubscriptionCredit.template_id,
            MessageTemplate.app_id == Address.app_id,
            Address.id == SubscriptionCredit.address_id,
            MessageTemplate.long_term,
        ),
        sa.func.greatest(SubscriptionCredit.balance, 1),
    ),
    else_=SubscriptionCredit.balance + 1,
)


def empty_credit(app_id: str, openid: str, template_id: str) -> None:
    """No message of the template may be sent to the address until the person agrees again."""
    session().execute(
        sa.update(SubscriptionCredit)
        .where(
            SubscriptionCredit.address_id.in_(_address_id(app_id, openid)),
            SubscriptionCredit.template_id == template_id,
        )
        .values(balance=0)
        .execution_options(synchronize_session=False)
    )


def close_address(address_id: uuid.UUID) -> None:
    """40003: nobody is behind this openid, or not for this app; nothing is sent there until they do something."""
    db = session()
    address = sa.update(Address).where(Address.id == address_id)
    credit = sa.update(SubscriptionCredit).where(SubscriptionCredit.address_id == address_id)
    for statement in (address.values(reachable=False, window_left=0), credit.values(balance=0)):
        db.execute(statement.execution_options(synchronize_session=False))


def _address_id(app_id: str, openid: str) -> sa.Select[uuid.UUID]:
    return sa.select(Address.id).where(Address.app_id == app_id, Address.openid == openid)


def _change(statement: sa.Update, app_id: str, openid: str) -> None:
    session().execute(
        statement.where(Address.app_id == app_id, Address.openid == openid).execution_options(synchronize_session=False)
    )
