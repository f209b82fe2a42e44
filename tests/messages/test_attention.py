"""The desk: what WeChat could not carry waits for people, in order, until it is moot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.storage import transaction
from messages import Product, attach_address, needing_attention, note_interaction, send_again, settle
from messages.attention import expire_moot
from messages.delivery import deliver_due
from messages.models import Channel, OutboxState
from tests.messages.support import ACCOUNT_APP, DATA, NOON, FakeClient, message, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")


def dead(**options):
    """A message to someone WeChat cannot reach."""
    message_id = queue(someone(), **options)
    deliver_due(FakeClient().by_app())
    assert message(message_id).state is OutboxState.DEAD
    return message_id


def test_the_list_is_oldest_first_and_paged(clock):
    wanted = []
    for _ in range(5):
        wanted.append(dead())
        clock.advance(timedelta(seconds=1))
    seen, cursor = [], None
    while True:
        page = needing_attention(cursor, limit=2)
        seen += [item.message_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == wanted


def test_messages_of_one_moment_are_each_shown_once():
    wanted = {dead() for _ in range(5)}
    first = needing_attention(limit=3)
    rest = needing_attention(first.next_cursor, limit=3)
    assert len(first.items) == 3
    assert {item.message_id for item in (*first.items, *rest.items)} == wanted
    assert rest.next_cursor is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "2027-05-17T12:00:00~x", "2027-05-17T12:00:00~018f0000-0000-7000-8000-000000000000"]
)
def test_a_cursor_of_others_is_refused(cursor):
    with pytest.raises(ValueError):
        needing_attention(cursor)


def test_an_item_says_what_to_tell():
    dead()
    (item,) = needing_attention().items
    assert DATA["number"] in item.text
    assert item.failure == "no_channel"


def test_settling_and_sending_again_take_it_off_the_list():
    by_phone, again = dead(), dead()
    assert settle(by_phone)
    assert send_again(again)
    assert needing_attention().items == ()
    told = message(by_phone)
    assert (told.state, told.channel) == (OutboxState.SENT, Channel.DESK)
    queued = message(again)
    assert (queued.state, queued.attempts, queued.round) == (OutboxState.QUEUED, 0, 2)
    assert not settle(by_phone)
    assert not send_again(by_phone)


def test_sent_again_every_way_is_open_once_more():
    client = FakeClient()
    message_id = dead()
    person = message(message_id).recipient_id
    assert send_again(message_id)
    with transaction():
        attach_address(person, Product.ACCOUNT, ACCOUNT_APP, "oNEW")
        note_interaction(ACCOUNT_APP, "oNEW", "message", NOON)
    deliver_due(client.by_app())
    assert client.endpoints == ["customer_text"]


def test_what_is_too_late_to_tell_leaves_the_desk(clock):
    soon, later = dead(not_after=NOON + timedelta(hours=1)), dead(not_after=NOON + timedelta(hours=3))
    clock.advance(timedelta(hours=1))
    assert [item.message_id for item in needing_attention().items] == [later]
    assert expire_moot() == 1
    assert message(soon).state is OutboxState.EXPIRED
    assert message(later).state is OutboxState.DEAD


def test_a_notice_without_the_desk_is_given_up_quietly():
    message_id = queue(someone(), "marriage.booked")
    deliver_due(FakeClient().by_app())
    row = message(message_id)
    assert (row.state, row.failure) == (OutboxState.DEAD, "no_channel")
    assert needing_attention().items == ()
