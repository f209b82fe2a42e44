"""Permission to write as stock: windows of §5.4, one-time and long-term agreements of §5.2."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.storage import transaction
from messages import (
    Channel,
    Product,
    attach_address,
    map_template,
    note_followed,
    note_interaction,
    note_subscription,
    note_unfollowed,
)
from messages.credits import return_credit
from messages.models import Address
from tests.messages.support import ACCOUNT_APP, FIELDS, MINI_APP, NOON, NOTICE, balance, someone, window
from tests.statements import all_statements

pytestmark = pytest.mark.usefixtures("database", "clock")

TWO_DAYS, MINUTE = timedelta(hours=48), timedelta(minutes=1)


def interact(person, kind, at=NOON) -> None:
    with transaction():
        note_interaction(ACCOUNT_APP, person.account, kind, at)


def use(person, sends: int) -> None:
    with transaction() as db:
        db.execute(sa.update(Address).values(window_left=Address.window_left - sends))


def address(person) -> Address:
    with transaction() as db:
        return db.scalars(sa.select(Address).where(Address.openid == person.account)).one()


@pytest.mark.parametrize(
    ("kind", "span", "sends"),
    [("message", TWO_DAYS, 5), ("menu", MINUTE, 3), ("follow", MINUTE, 3), ("scan", MINUTE, 3), ("enter", MINUTE, 2)],
)
def test_each_interaction_opens_its_window(kind, span, sends):
    person = someone(follows=True)
    interact(person, kind)
    assert window(person) == (span, sends)


def test_a_message_fills_the_window_up_again(clock):
    person = someone(wrote=True)
    use(person, 4)
    clock.advance(MINUTE)
    interact(person, "message", NOON + MINUTE)
    assert window(person) == (TWO_DAYS, 5)


def test_a_menu_click_does_not_shorten_a_longer_window():
    person = someone(wrote=True)
    use(person, 4)
    interact(person, "menu")
    assert window(person) == (TWO_DAYS, 1)


def test_a_menu_click_counts_when_the_longer_window_is_used_up():
    person = someone(wrote=True)
    use(person, 5)
    interact(person, "menu")
    assert window(person) == (MINUTE, 3)


def test_an_old_push_that_comes_late_takes_nothing_away(clock):
    person = someone(wrote=True)
    use(person, 1)
    interact(person, "message", NOON - MINUTE)
    assert window(person) == (TWO_DAYS, 4)


def test_noting_an_interaction_is_one_statement(database):
    person = someone(follows=True)
    with all_statements(database) as statements:
        interact(person, "message")
    assert len(statements) == 1
    assert statements[0].split()[:2] == ["UPDATE", "message_addresses"]


def test_an_unknown_openid_is_no_matter():
    with transaction():
        note_interaction(ACCOUNT_APP, "oNOBODY", "message", NOON)
        note_subscription(ACCOUNT_APP, "oNOBODY", [("TPL", True)])
        note_unfollowed(ACCOUNT_APP, "oNOBODY")
    with transaction() as db:
        assert db.scalars(sa.select(Address)).all() == []


def answer(person, accepted: bool, *, changed: bool = False) -> None:
    with transaction():
        note_subscription(MINI_APP, person.mini, [("TPL-S", accepted)], changed=changed)


def test_agreements_add_up_and_a_refused_popup_takes_nothing():
    person = someone(credits=1)
    answer(person, True)
    answer(person, False)
    assert balance(person) == 2


def test_a_refusal_in_the_settings_takes_all():
    person = someone(credits=3)
    answer(person, False, changed=True)
    assert balance(person) == 0


def test_a_long_term_agreement_is_one():
    with transaction():
        map_template(MINI_APP, Channel.SUBSCRIBE, NOTICE, "TPL-S", FIELDS, long_term=True)
    person = someone(credits=3)
    assert balance(person) == 1
    with transaction() as db:
        return_credit(db.scalars(sa.select(Address.id)).one(), "TPL-S")
    assert balance(person) == 1


def test_a_long_term_template_of_another_app_does_not_count():
    with transaction():
        map_template(ACCOUNT_APP, Channel.SUBSCRIBE, NOTICE, "TPL-S", FIELDS, long_term=True)
    assert balance(someone(credits=3)) == 3


def test_following_and_leaving():
    person = someone(wrote=True)
    with transaction():
        note_followed(ACCOUNT_APP, person.account, NOON)
    assert address(person).reachable
    assert window(person) == (TWO_DAYS, 5)
    with transaction():
        note_subscription(ACCOUNT_APP, person.account, [("TPL-B", True)])
        note_unfollowed(ACCOUNT_APP, person.account)
    assert not address(person).reachable
    assert window(person) == (None, 0)
    with transaction() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM subscription_credits")) == 0


def test_an_address_moves_to_another_recipient_and_keeps_what_is_known():
    person, merged = someone(wrote=True), new_id()
    with transaction():
        note_unfollowed(ACCOUNT_APP, person.account)
        attach_address(merged, Product.ACCOUNT, ACCOUNT_APP, person.account)
    found = address(person)
    assert (found.recipient_id, found.reachable) == (merged, False)
