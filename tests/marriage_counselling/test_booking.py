"""Booking, moving, giving up: who is free, what is asked, who is told; rooms, leave, holidays, two together."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.counselling.book import book_counselling
from backend.marriage.counselling.change import (
    call_off,
    cancel_counselling,
    move_counselling,
    place_session,
    see_alone,
)
from backend.marriage.counselling.hold_talk import close_over, enter_link, mark_risk, note_state, write_note
from backend.marriage.counselling.offers import ways_of
from backend.marriage.counselling.queries import own_session, times
from backend.marriage.counselling.risk import is_unsafe_together
from backend.marriage.counselling.rules import Matter, Profession, SessionState, Way
from backend.marriage.divorce.contact import mark_risk as mark_party
from backend.marriage.resources.keep import set_day
from backend.marriage.resources.models import ResourceBooking
from backend.marriage.resources.rules import Hours
from backend.people.models import Person
from backend.staff.models import Role, StaffAccount
from backend.storage import transaction
from tests.marriage.support import at, code_of, make_person
from tests.marriage_counselling.support import (
    NINE,
    TEN,
    make_account,
    make_counsellor,
    make_room,
    notices,
    reminders,
    row,
    talk,
    told,
    wish,
)
from tests.marriage_divorce.support import HUSBAND, WIFE, accept, make_registrar, make_verified, parties

THURSDAY = date(2026, 11, 26)


def starts(office: uuid.UUID, way: Way = Way.TELEPHONE, first: date = THURSDAY, last: date | None = None) -> list[str]:
    found = times(office, Matter.RELATIONSHIP, way, first, last or first)
    return [f"{one.starts_at:%d %H:%M}" for one in found]


def bookings() -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ResourceBooking)) or 0


def test_a_talk_from_booking_to_its_end(
    office: uuid.UUID, counsellor: uuid.UUID, account: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    made = talk(office, person, about="总为小事吵架", together=True)
    assert (made.state, made.counsellor_id, made.together, made.at_risk) == ("booked", counsellor, True, False)
    assert (row(made.id).name, row(made.id).phone, row(made.id).about) == ("李女士", "13800001111", "总为小事吵架")
    assert made.about_sealed is not None
    assert "吵架".encode() not in made.about_sealed
    assert reminders(made.id) == {"tomorrow": "11-25 10:00", "soon": "11-26 09:30"}
    [message] = told(person)
    assert message.notice == "marriage.counselling_booked"
    written = "".join((message.data or {}).values())
    assert not any(word in written for word in ("辅导", "心理", "离婚", "婚姻家庭", "吵架"))
    assert code_of(lambda: write_note(made.id, "早了")) == "too_early"
    clock.move_to(at("2026-11-26 09:50"))
    note_state(made.id, SessionState.CAME, account)
    note_state(made.id, SessionState.CAME, account)
    assert (bookings(), reminders(made.id)) == (0, {})
    clock.move_to(at("2026-11-26 10:55"))
    note_state(made.id, SessionState.DONE, account)
    write_note(made.id, "约定两周后再谈")
    noted = row(made.id)
    assert (noted.note, noted.noted_at) == ("约定两周后再谈", at("2026-11-26 10:55"))
    assert "两周".encode() not in (noted.note_sealed or b"")
    assert code_of(lambda: note_state(made.id, SessionState.ABSENT, account)) == "state_conflict"
    assert code_of(lambda: cancel_counselling(made.id, person)) == "state_conflict"


def test_times_are_those_of_the_roster(office: uuid.UUID, counsellor: uuid.UUID, clock: MovableClock) -> None:
    whole = [f"26 {hour}" for hour in ("09:00", "10:00", "11:00", "13:30", "14:30", "15:30", "16:30")]
    assert starts(office) == whole
    assert starts(office, first=date(2026, 11, 28), last=date(2026, 11, 29)) == [], "nobody works at the weekend"
    set_day(counsellor, THURSDAY, Hours(time(9), time(11)))
    assert starts(office) == whole[:2]
    set_day(counsellor, THURSDAY, None)
    assert starts(office) == []
    assert starts(office, first=date(2026, 12, 7), last=date(2026, 12, 10))[-1] == "07 16:30", "two weeks ahead"
    clock.move_to(at("2026-11-27 09:20"))
    assert starts(office, first=date(2026, 11, 27))[0] == "27 11:00", "an hour before at the latest"
    assert code_of(lambda: times(office, Matter.LEGAL, Way.VIDEO, THURSDAY, THURSDAY + timedelta(days=32))) == "invalid"


def test_holidays_and_leave_are_left_out(
    office: uuid.UUID, counsellor: uuid.UUID, account: uuid.UUID, clock: MovableClock
) -> None:
    clock.move_to(at("2026-09-28 08:00"))
    assert starts(office, first=date(2026, 10, 1), last=date(2026, 10, 7)) == []
    clock.move_to(at("2026-11-23 08:00"))
    with transaction() as session:
        found = session.get_one(StaffAccount, account)
        found.absent_from, found.absent_until = date(2026, 11, 26), date(2026, 11, 27)
    days = {one[:2] for one in starts(office, first=date(2026, 11, 25), last=date(2026, 11, 30))}
    assert days == {"25", "30"}


def test_a_lawyer_speaks_of_law_alone(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    assert ways_of(Matter.LEGAL) == {}
    lawyer = make_counsellor(office, "韩律师", Profession.LAWYER, (Way.TELEPHONE,))
    assert ways_of(Matter.LEGAL) == {office: [Way.TELEPHONE]}
    assert ways_of(Matter.RELATIONSHIP) == {office: [Way.VIDEO, Way.TELEPHONE]}, "there is no room yet"
    assert talk(office, person, matter=Matter.LEGAL).counsellor_id == lawyer
    assert code_of(lambda: talk(office, make_person(), matter=Matter.LEGAL, together=True)) == "invalid"


def test_rooms_are_counted(office: uuid.UUID, room: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    make_counsellor(office, "田甜", Profession.SOCIAL_WORKER)
    made = talk(office, person, way=Way.ON_SITE)
    assert (made.room_id, bookings()) == (room, 2)
    assert "26 10:00" not in starts(office, Way.ON_SITE)
    assert "26 10:00" in starts(office), "the other one is free, but not the room"
    with pytest.raises(AppError) as refused:
        talk(office, make_person(), way=Way.ON_SITE)
    assert refused.value.code == "slot_full"
    free = refused.value.extra["free"]
    assert isinstance(free, list)
    assert [one["starts_at"][11:16] for one in free] == ["09:00", "11:00", "13:30"]
    other = make_room(office, "辅导室二")
    assert talk(office, make_person(), way=Way.ON_SITE).room_id == other
    cancel_counselling(made.id, person)
    assert (row(made.id).state, bookings()) == (SessionState.CANCELLED, 2)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "110101199001011234"}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"minor": True}, "guardian"),
        ({"about": "话" * 501}, "about"),
        ({"matter": Matter.PSYCHOLOGICAL, "together": True}, "together"),
    ],
)
def test_what_is_asked(
    office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID, more: dict[str, object], field: str
) -> None:
    with pytest.raises(AppError) as refused:
        talk(office, person, **more)
    assert refused.value.errors.keys() == {field}
    assert notices(person) == []


def test_a_child_comes_with_a_guardian(office: uuid.UUID, counsellor: uuid.UUID) -> None:
    made = talk(office, make_person(), minor=True, guardian="妈妈王女士")
    assert (made.minor, made.guardian) == (True, "妈妈王女士")
    child = make_verified(HUSBAND)
    with transaction() as session:
        person = session.get_one(Person, child)
        person.birth_date = date(2010, 5, 1)
    assert code_of(lambda: talk(office, child, NINE)) == "invalid", "proven young, whatever they say"


def test_one_talk_at_a_time(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID, clock: MovableClock) -> None:
    first = talk(office, person)
    assert code_of(lambda: talk(office, person, NINE)) == "already_booked"
    assert bookings() == 1, "what was taken for the second is free again"
    clock.move_to(at("2026-11-26 12:00"))
    assert close_over() == 1
    assert row(first.id).state is SessionState.OVER
    talk(office, person, "2026-11-26 14:30")
    assert close_over() == 0


def test_a_time_that_was_taken(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    talk(office, person)
    assert code_of(lambda: talk(office, make_person())) == "slot_full"
    assert code_of(lambda: talk(office, make_person(), "2026-11-26 10:10")) == "slot_full"
    assert code_of(lambda: talk(uuid.uuid4(), make_person())) == "not_found"
    second = make_counsellor(office, "田甜", Profession.SOCIAL_WORKER)
    assert code_of(lambda: book_counselling(wish(office, make_person(), counsellor_id=counsellor))) == "slot_full"
    assert talk(office, make_person()).counsellor_id == second, "whoever is free"


def test_moving_keeps_the_counsellor_and_gives_the_time_back(
    office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    make_counsellor(office, "阿甲", Profession.SOCIAL_WORKER)  # first by name
    made = book_counselling(wish(office, person, counsellor_id=counsellor))
    clock.advance(timedelta(minutes=1))
    moved = move_counselling(made.id, at(NINE), person)
    assert (moved.starts_at, moved.counsellor_id, bookings()) == (at(NINE), counsellor, 1)
    assert reminders(made.id) == {"tomorrow": "11-25 10:00", "soon": "11-26 08:30"}
    assert notices(person) == ["booked", "booked"]
    move_counselling(made.id, at(NINE), person)
    assert notices(person) == ["booked", "booked"], "where it is already"
    assert code_of(lambda: move_counselling(made.id, at("2026-11-28 10:00"), person)) == "slot_full"
    assert row(made.id).starts_at == at(NINE), "nothing was lost"
    assert code_of(lambda: move_counselling(made.id, at(TEN), make_person())) == "not_found"
    clock.move_to(at("2026-11-26 07:30"))
    assert code_of(lambda: move_counselling(made.id, at("2026-11-26 14:30"), person)) == "too_late"
    cancel_counselling(made.id, person)
    cancel_counselling(made.id, person)
    assert notices(person) == ["booked", "booked", "cancelled"]


def test_too_late_to_give_up(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID, clock: MovableClock) -> None:
    made = talk(office, person)
    clock.move_to(at(TEN))
    assert code_of(lambda: cancel_counselling(made.id, person)) == "too_late"
    assert code_of(lambda: cancel_counselling(made.id, make_person())) == "not_found"


def test_the_desk_puts_it_elsewhere_and_calls_it_off(
    office: uuid.UUID,
    room: uuid.UUID,
    counsellor: uuid.UUID,
    account: uuid.UUID,
    person: uuid.UUID,
    clock: MovableClock,
) -> None:
    second = make_counsellor(office, "田甜", Profession.SOCIAL_WORKER)
    lawyer = make_counsellor(office, "韩律师", Profession.LAWYER)
    made = book_counselling(wish(office, person, way=Way.ON_SITE, counsellor_id=counsellor))
    place_session(made.id, second, at(TEN), account)
    placed = row(made.id)
    assert (placed.counsellor_id, placed.room_id, bookings()) == (second, room, 2), "the only room stays with it"
    assert code_of(lambda: place_session(made.id, lawyer, at(NINE), account)) == "slot_full"
    clock.advance(timedelta(minutes=1))
    place_session(made.id, counsellor, at(NINE), account)
    assert (row(made.id).starts_at, bookings()) == (at(NINE), 2)
    assert notices(person) == ["booked", "changed", "changed"]
    for reason, code in (("", "invalid"), ("心理老师生病", "invalid")):
        assert code_of(lambda words=reason: call_off(made.id, words, account)) == code  # type: ignore[misc]
    call_off(made.id, "老师临时有事", account)
    assert (row(made.id).state, bookings(), notices(person)[-1]) == (SessionState.CANCELLED, 0, "cancelled")
    assert code_of(lambda: call_off(made.id, "再来", account)) == "state_conflict"


def test_a_videos_link_is_shown_and_never_sent(
    office: uuid.UUID, counsellor: uuid.UUID, account: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    made, call = talk(office, person, way=Way.VIDEO), talk(office, make_person(), NINE)
    for link in ("http://a.example/1", "https://", "https://a b", f"https://a.example/{'1' * 15}"):
        assert code_of(lambda address=link: enter_link(made.id, address)) == "invalid"  # type: ignore[misc]
    assert code_of(lambda: enter_link(call.id, "https://meeting.example/dm/1")) == "invalid"
    for _ in range(2):
        enter_link(made.id, "https://meeting.example/dm/Ab3")
    assert notices(person) == ["booked", "link_ready"]
    assert not any("meeting" in str(message.data) for message in told(person))
    assert own_session(made.id, person).link == "https://meeting.example/dm/Ab3"
    clock.move_to(at("2026-11-26 11:00"))
    close_over()
    assert row(made.id).link is None


def test_violence_keeps_two_apart_without_a_word(
    office: uuid.UUID, counsellor: uuid.UUID, account: uuid.UUID, clock: MovableClock
) -> None:
    """Said at the desk of divorces about one of the two, it stops the other one's wish to come together."""
    husband, wife = make_verified(HUSBAND), make_verified(WIFE)
    case = accept(office, make_registrar())
    made = talk(office, husband, together=True)
    with transaction():
        assert not is_unsafe_together(husband)
    mark_party(parties(case.id)[1].id, at_risk=True)
    with transaction():
        assert (is_unsafe_together(husband), is_unsafe_together(wife)) == (True, True)
        assert not is_unsafe_together(make_person())
    see_alone(made.id, account)
    assert (row(made.id).together, notices(husband)[-2:]) == (False, ["booked", "changed"])
    cancel_counselling(made.id, husband)
    with pytest.raises(AppError) as refused:
        talk(office, husband, together=True)
    assert refused.value.code == "come_alone"
    assert not any(word in refused.value.user_text for word in ("暴力", "安全", "风险"))
    assert talk(office, husband).together is False


def test_marked_by_a_counsellor_it_counts_for_both(office: uuid.UUID, counsellor: uuid.UUID) -> None:
    husband, wife = make_verified(HUSBAND), make_verified(WIFE)
    accept(office, make_registrar())
    made = talk(office, wife)
    mark_risk(made.id, at_risk=True)
    assert code_of(lambda: talk(office, husband, NINE, together=True)) == "come_alone"
    mark_risk(made.id, at_risk=False)
    assert talk(office, husband, NINE, together=True).together


def test_only_the_role_makes_a_counsellor(office: uuid.UUID) -> None:
    registrar = make_account("registrar-9", Role.REGISTRAR)
    assert code_of(lambda: make_counsellor(office, account_id=registrar)) == "invalid"
    assert code_of(lambda: make_counsellor(office, ways=())) == "invalid"
