"""What can be recorded, by whom it is known, what is refused; moves and names; rooms and their handlers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import today
from backend.kernel.ids import new_id
from backend.marriage.models import Party
from backend.people.life_events import Handler, Happening, Reaction, on_life_event
from backend.people.life_events.queries import events_of, in_words
from backend.people.life_events.record import preview, record_life_event
from backend.people.life_events.rules import SOURCES, EventKind, Source
from backend.people.models import Person, PersonEvent
from backend.people.rules import PersonEventName
from backend.staff.models import OrganisationNode
from backend.storage import transaction
from tests.life_events.support import (
    booked,
    dies,
    event,
    events,
    groom,
    lives,
    person,
    refusal,
    remind,
    report,
    scheduled,
)
from tests.marriage.support import couple, make_person


def community(code: str) -> uuid.UUID:
    """A community of the demonstration."""
    with transaction() as session:
        return session.scalars(sa.select(OrganisationNode.id).where(OrganisationNode.code == code)).one()


def moves_to(code: str) -> dict[str, object]:
    """The changes of a report of a move."""
    return {"kind": EventKind.MOVED, "community_id": community(code)}


# --- refused ---


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (EventKind.DEATH, {"reason": " \n"}, "reason"),
        (EventKind.DEATH, {"source": Source.COMMITTEE}, "source"),
        (EventKind.DEATH, {"effective_on": today() + timedelta(days=400)}, "effective_on"),
        (EventKind.DEATH, {"effective_on": today().replace(year=1980)}, "effective_on"),
        (EventKind.MOVED, {}, "community_id"),
        (EventKind.NAME_CORRECTED, {"name": "王"}, "name"),
        (EventKind.NAME_CORRECTED, {"name": ""}, "name"),
        (EventKind.NAME_CORRECTED, {"name": " 王小明 "}, "name"),
    ],
)
def test_what_cannot_be_is_refused_by_field(kind: EventKind, changes: dict[str, object], field: str):
    man = groom()
    refused = refusal(man, report(kind, **changes))
    assert (refused.status, list(refused.errors)) == (422, [field])
    assert events() == 0


def test_as_things_stand(slot: uuid.UUID):
    man = groom()
    assert refusal(man, report(EventKind.DEATH_REVERSED)).code == "state_conflict"
    dies(man)
    for kind, more in (
        (EventKind.DEATH, {}),
        (EventKind.MOVED, {"community_id": community("changle-dongxiang")}),
        (EventKind.NAME_CORRECTED, {"name": "王大明"}),
    ):
        assert refusal(man, report(kind, **more)).code == "state_conflict"
    lives(man)
    assert refusal(man, report(EventKind.DEATH_REVERSED)).code == "state_conflict"


def test_nobody_and_the_unverified():
    assert refusal(new_id(), report()).code == "not_found"
    assert refusal(make_person(), report()).code == "state_conflict"


def test_every_source_of_each_kind_is_taken():
    for kind in (EventKind.DEATH, EventKind.DEATH_REVERSED):
        assert Source.COMMITTEE not in SOURCES[kind]
    for index, source in enumerate(SOURCES[EventKind.DEATH]):
        man = groom(index)
        assert dies(man, source=source).source is source


# --- moves and names ---


def test_a_move_changes_the_community_and_nothing_else(slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    remind(man)
    before = scheduled(man)
    first = event(record_life_event(man, report(**moves_to("changle-dongxiang"))))
    second = event(record_life_event(man, report(**moves_to("wanghe-liuyin"))))
    assert person(man).community_id == community("wanghe-liuyin")
    assert first.detail == {"from": None, "to": str(community("changle-dongxiang"))}
    assert second.detail == {"from": str(community("changle-dongxiang")), "to": str(community("wanghe-liuyin"))}
    assert scheduled(man) == before
    assert [row.id for row in events_of(man)] == [second.id, first.id]
    assert refusal(man, report(**moves_to("wanghe-liuyin"))).errors["community_id"]
    with transaction() as session:
        names = session.scalars(sa.select(PersonEvent.name).where(PersonEvent.person_id == man)).all()
    assert names == [PersonEventName.PLACED, PersonEventName.PLACED]


def test_a_name_put_right_is_right_in_the_appointment(slot: uuid.UUID):
    man = groom()
    appointment = booked(slot, man).appointment_id
    corrected = event(record_life_event(man, report(EventKind.NAME_CORRECTED, name=" 王晓明 ")))
    assert person(man).name == "王晓明"
    assert corrected.effects == {"marriage": {"names_corrected": 1}}
    assert corrected.detail == {}
    with transaction() as session:
        parties = session.scalars(sa.select(Party).where(Party.appointment_id == appointment).order_by(Party.position))
        assert [party.name for party in parties] == ["王晓明", couple(0)[1].name]


# --- rooms ---


def handler(room: str, ran: list[str], *, fails: bool = False, undo: dict[str, list[str]] | None = None) -> Handler:
    """A room that writes down that it ran."""

    def react(happening: Happening) -> Reaction:
        ran.append(f"{room}:{happening.kind.value}:{sorted(happening.undo)}")
        if fails:
            raise RuntimeError(room)
        return Reaction(effects={"things": 2, "nothing": 0}, undo=undo or {})

    return Handler(room, react, lambda _happening: {"things": 2, "nothing": 0}, {"things": "东西"})


def test_rooms_run_in_the_order_of_their_names_and_get_their_own_undo():
    ran: list[str] = []
    for room in ("zoo", "archive", "meals"):
        on_life_event(EventKind.DEATH, handler(room, ran, undo={room: [str(new_id())]}))
        on_life_event(EventKind.DEATH_REVERSED, handler(room, ran))
    man = groom()
    assert preview(man, report())["zoo"] == {"things": 2}
    death = dies(man)
    lives(man)
    assert ran == [
        "archive:death:[]",
        "meals:death:[]",
        "zoo:death:[]",
        "archive:death_reversed:['archive']",
        "meals:death_reversed:['meals']",
        "zoo:death_reversed:['zoo']",
    ]
    assert death.effects["meals"] == {"things": 2}
    assert list(in_words(EventKind.DEATH, {"meals": {"things": 2}})) == [("东西", 2)]


def test_registering_again_replaces():
    ran: list[str] = []
    for _ in range(2):
        on_life_event(EventKind.DEATH, handler("meals", ran))
    dies(groom())
    assert ran == ["meals:death:[]"]


def test_a_room_that_fails_takes_everything_back(slot: uuid.UUID):
    man = groom()
    appointment = booked(slot, man)
    remind(man)
    before = scheduled(man)
    on_life_event(EventKind.DEATH, handler("zoo", [], fails=True))
    with pytest.raises(RuntimeError, match="zoo"):
        record_life_event(man, report())
    assert (person(man).died_on, scheduled(man), events()) == (None, before, 0)
    with transaction() as session:
        states = sa.text("SELECT state FROM marriage_appointments WHERE id = :id")
        assert session.scalar(states, {"id": appointment.appointment_id}) == "booked"


def test_no_event_of_a_kind_nobody_listens_to_fails():
    man = groom()
    assert event(record_life_event(man, report(**moves_to("changle-hepingli")))).effects == {}


# --- kept ---


@pytest.mark.parametrize("change", ["UPDATE life_events SET reason = 'x'", "DELETE FROM life_events"])
def test_what_was_recorded_is_never_changed(change: str):
    dies(groom())
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction() as session:
        session.execute(sa.text(change))


def test_a_death_is_reversed_once():
    man = groom()
    dies(man)
    lives(man)
    with transaction() as session:
        rows = session.execute(sa.text("SELECT kind, reverses_id IS NOT NULL FROM life_events ORDER BY at, id")).all()
    assert [tuple(row) for row in rows] == [("death", False), ("death_reversed", True)]


def test_the_unit_of_all_is_the_transaction_it_joins(slot: uuid.UUID):
    man = groom()

    def half_way() -> None:
        with transaction():
            record_life_event(man, report())
            raise RuntimeError("after")

    with pytest.raises(RuntimeError, match="after"):
        half_way()
    assert (person(man).died_on, events()) == (None, 0)


def test_closed_accounts_are_nobody():
    man = groom()
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == man).values(closed_at=sa.func.now()))
    assert refusal(man, report()).code == "not_found"


@pytest.mark.parametrize("call", [preview, record_life_event])
def test_the_preview_refuses_what_recording_refuses(call: Callable[..., object]):
    man = groom()
    dies(man)
    with pytest.raises(Exception, match="state_conflict"):
        call(man, report())


def test_a_reason_that_tells_a_number_is_refused() -> None:
    man = groom()
    for reason in (f"身份证 {couple(0)[0].id_number}", "打过 13900000001"):
        refused = refusal(man, report(reason=reason))
        assert (refused.code, list(refused.errors)) == ("invalid", ["reason"])
    assert events() == 0
