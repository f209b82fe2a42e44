"""What becomes of ceremonies and entries in a life, what is told of them, how long they are kept; the demonstration."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.personal_data import Batch
from backend.marriage.ceremonies.cloud import choose_cloud
from backend.marriage.ceremonies.demo import load_demo
from backend.marriage.ceremonies.follow import finish_held
from backend.marriage.ceremonies.holdings import ceremonies_holding
from backend.marriage.ceremonies.joined import join_ceremonies
from backend.marriage.ceremonies.life_events import _end, _restore
from backend.marriage.ceremonies.models import Ceremony, CloudConsent, GroupEntry, GroupEvent
from backend.marriage.ceremonies.retention import ceremonies_rules
from backend.marriage.ceremonies.rules import CeremonyState, EntryState
from backend.marriage.demo import load_demo as load_marriage
from backend.people.life_events import EventKind, Happening, Undo
from backend.people.models import Person
from backend.staff.demo import load_demo as load_staff
from backend.storage import Database, transaction
from tests.marriage.support import make_person
from tests.marriage_ceremonies.support import Couple, bookings, entry, hold, row, told
from tests.marriage_ceremonies.test_events import announce, enter

Make = Callable[..., Couple]


def happening(person_id: uuid.UUID, kind: EventKind, undo: Undo | None = None) -> Happening:
    with transaction() as session:
        index = session.get_one(Person, person_id).id_number_index
    return Happening(uuid.uuid4(), person_id, kind, today(), index, {}, undo or {})


def count(model: type[Ceremony] | type[GroupEntry] | type[GroupEvent]) -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_death_ends_all_of_it_without_a_word(
    office: uuid.UUID, garden: uuid.UUID, couple: Make, clock: MovableClock
) -> None:
    event, two, waiting = announce(office, places=1), couple(), couple(1)
    made, entry_id, reserve = hold(two, garden), enter(event, two), enter(event, waiting)
    before = told(two.second)
    with transaction():
        reaction = _end(happening(two.first, EventKind.DEATH))
    assert reaction.effects == {"ceremonies_ended": 1, "entries_ended": 1}
    assert (row(made.id).state, entry(entry_id).state) == (CeremonyState.CANCELLED, EntryState.WITHDRAWN)
    assert (told(two.second), bookings()) == (before, 0)
    assert (entry(reserve).state, told(waiting.first)[-1]) == (EntryState.PLACED, "event_placed")
    with transaction():
        restored = _restore(happening(two.first, EventKind.DEATH_REVERSED, reaction.undo))
    assert (restored.effects, row(made.id).state, bookings()) == (
        {"ceremonies_restored": 1, "entries_restored": 1},
        CeremonyState.BOOKED,
        1,
    )
    assert entry(entry_id).state is EntryState.RESERVE  # whoever moved up keeps the place


def test_a_place_given_away_does_not_come_back(garden: uuid.UUID, couple: Make) -> None:
    two = couple()
    made = hold(two, garden)
    with transaction():
        undo = _end(happening(two.second, EventKind.DEATH)).undo
    hold(couple(1), garden)
    with transaction():
        reaction = _restore(happening(two.second, EventKind.DEATH_REVERSED, undo))
    assert [one.id for one in reaction.not_restored] == [made.id]
    assert row(made.id).state is CeremonyState.CANCELLED


def test_each_is_told_their_own_word_only(office: uuid.UUID, garden: uuid.UUID, couple: Make) -> None:
    two = couple()
    made = hold(two, garden)
    choose_cloud(made.id, two.first, given=True)
    enter(announce(office), two)
    with transaction():
        [mine] = ceremonies_holding.collect(two.first)
        [theirs] = ceremonies_holding.collect(two.second)
        [nothing] = ceremonies_holding.collect(make_person())
    assert next(one["编号"] for one in mine.records) == made.number
    assert mine.records[0]["云颁证同意"].endswith("同意")
    assert "云颁证同意" not in theirs.records[0]
    assert (len(mine.records), len(theirs.records), len(nothing.records)) == (2, 2, 0)


def test_two_rows_of_one_person_become_one(office: uuid.UUID, garden: uuid.UUID, couple: Make) -> None:
    two, other = couple(), make_person()
    made, entry_id = hold(two, garden), enter(announce(office), two)
    choose_cloud(made.id, two.first, given=True)
    with transaction():
        join_ceremonies(two.first, other)
    assert entry(entry_id).signed_by == other
    with transaction() as session:
        assert session.scalars(sa.select(CloudConsent.person_id)).all() == [other]


def test_kept_for_two_years_and_not_under_a_legal_hold(
    office: uuid.UUID, garden: uuid.UUID, couple: Make, clock: MovableClock
) -> None:
    two = couple()
    made = hold(two, garden)
    enter(announce(office), two)
    clock.move_to(made.ends_at + timedelta(hours=1))
    finish_held()
    [rule] = ceremonies_rules
    assert rule.run is not None
    clock.move_to(now() + timedelta(days=700))
    assert rule.run(Batch(now(), 100)) == 0
    clock.move_to(now() + timedelta(days=60))
    assert rule.run(Batch(now(), 100, (two.first,))) == 0
    assert rule.run(Batch(now(), 100)) == 2
    assert (count(Ceremony), count(GroupEntry)) == (0, 0)


def test_the_demonstration_has_some(clean_database: Database, clock: MovableClock) -> None:
    load_staff()
    load_marriage()
    for _ in range(2):
        load_demo()
        assert count(GroupEvent) == 2
        assert count(Ceremony) == 8, "four at each registry"
