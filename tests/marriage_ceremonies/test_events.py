"""Events of many couples: both say yes, places are counted, the draw can be repeated; private links and their end."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient

from backend.kernel.clock import MovableClock, now
from backend.marriage.ceremonies.announce import EventFacts, announce_event, cancel_event
from backend.marriage.ceremonies.book import cancel_ceremony
from backend.marriage.ceremonies.cloud import choose_cloud, enter_link, note_erased, shown_by
from backend.marriage.ceremonies.draw import proof_of, settle_events
from backend.marriage.ceremonies.entries import confirm_entry, sign_up, withdraw_entry
from backend.marriage.ceremonies.follow import end_clouds
from backend.marriage.ceremonies.models import CloudCeremony, GroupEvent
from backend.marriage.ceremonies.rules import EntryState, EventKind, EventMode, draw_order, list_hash, seed_hash
from backend.storage import Database, transaction, use_database
from tests.concurrency.support import all_at_once
from tests.marriage.support import at, code_of
from tests.marriage_ceremonies.support import Couple, entry, event, hold, row, told

Make = Callable[..., Couple]


def announce(office: uuid.UUID, places: int = 2, mode: EventMode = EventMode.FIRST_COME) -> GroupEvent:
    return announce_event(
        office,
        EventFacts(
            EventKind.GROUP_CEREMONY,
            "七夕集体颁证",
            "屋顶花园",
            at("2026-12-20 10:00"),
            now(),
            at("2026-12-01 17:00"),
            places,
            mode,
        ),
    )


def enter(made: GroupEvent, two: Couple) -> uuid.UUID:
    """Both say yes."""
    entry_id = sign_up(made.id, two.appointment_id, two.first).id
    confirm_entry(entry_id, two.second)
    return entry_id


def test_it_counts_once_both_have_said_yes(office: uuid.UUID, couple: Make) -> None:
    made, two = announce(office), couple()
    entry_id = sign_up(made.id, two.appointment_id, two.first).id
    assert (entry(entry_id).state, event(made.id).taken) == (EntryState.WAITS_FOR_PARTNER, 0)
    assert told(two.second) == ["event_partner_asked"]
    assert code_of(lambda: confirm_entry(entry_id, two.first)) == "forbidden"
    assert code_of(lambda: confirm_entry(entry_id, couple(1).first)) == "not_found"
    confirm_entry(entry_id, two.second)
    confirm_entry(entry_id, two.second)
    assert (entry(entry_id).state, event(made.id).taken) == (EntryState.PLACED, 1)
    assert told(two.first) == ["event_placed"]
    assert code_of(lambda: sign_up(made.id, two.appointment_id, two.second)) == "already_booked"


def test_whoever_comes_too_late_is_in_reserve_and_moves_up(office: uuid.UUID, couple: Make) -> None:
    made = announce(office, places=1)
    first, second, third = (enter(made, couple(index)) for index in range(3))
    assert [entry(one).state.value for one in (first, second, third)] == ["placed", "reserve", "reserve"]
    withdraw_entry(first, entry(first).signed_by)
    assert [entry(one).state.value for one in (first, second, third)] == [
        "withdrawn",
        "placed",
        "reserve",
    ]
    assert event(made.id).taken == 1


def test_only_the_registered_where_that_is_asked(office: uuid.UUID, couple: Make) -> None:
    facts = EventFacts(
        EventKind.GROUP_WEDDING,
        "集体婚礼",
        "广场",
        at("2026-12-20 10:00"),
        now(),
        at("2026-12-01 17:00"),
        5,
        EventMode.FIRST_COME,
        at("2026-11-01 00:00").date(),
    )
    made = announce_event(office, facts)
    waiting, registered = couple(), couple(1, "2026-11-20 10:00", served=True)
    assert code_of(lambda: sign_up(made.id, waiting.appointment_id, waiting.first)) == "invalid"
    assert sign_up(made.id, registered.appointment_id, registered.second).state is EntryState.WAITS_FOR_PARTNER


def test_the_draw_can_be_drawn_again(office: uuid.UUID, couple: Make, clock: MovableClock) -> None:
    made = announce(office, places=2, mode=EventMode.DRAW)
    before = proof_of(event(made.id))
    assert before is not None
    assert (before.seed, before.list_hash, list(before.numbers)) == (None, None, [])
    ids = [enter(made, couple(index)) for index in range(5)]
    alone = couple(5)
    lonely = sign_up(made.id, alone.appointment_id, alone.first).id
    assert settle_events() == 0, "not before the sign-up is over"
    clock.move_to(at("2026-12-01 17:00"))
    assert (settle_events(), settle_events()) == (1, 0)
    states = Counter(entry(one).state.value for one in [*ids, lonely])
    assert states == Counter(placed=2, reserve=3, lapsed=1)
    proof = proof_of(event(made.id))
    assert proof is not None
    assert proof.seed is not None
    assert hashlib.sha256(proof.seed.encode()).hexdigest() == before.seed_hash
    numbers = sorted(proof.numbers)
    assert hashlib.sha256("\n".join(numbers).encode()).hexdigest() == proof.list_hash
    again = sorted(numbers, key=lambda n: hashlib.sha256(f"{proof.list_hash}:{proof.seed}:{n}".encode()).digest())
    assert again == list(proof.numbers)
    assert {entry(one).number for one in ids if entry(one).state is EntryState.PLACED} == set(again[:2])


def test_the_order_depends_on_seed_and_list() -> None:
    numbers = [f"JT{index:07d}" for index in range(50)]
    assert sorted(draw_order("a", numbers)) == numbers
    assert draw_order("a", numbers) == draw_order("a", numbers[::-1])
    assert draw_order("a", numbers) != draw_order("b", numbers)
    assert list_hash(numbers) != list_hash(numbers[1:])
    assert seed_hash("a") != seed_hash("b")


def test_everybody_confirms_at_once_and_no_place_is_given_twice(
    office: uuid.UUID, couple: Make, clean_database: Database, database_url: str
) -> None:
    made = announce(office, places=3)
    couples = [couple(index) for index in range(10)]
    ids = [sign_up(made.id, two.appointment_id, two.first).id for two in couples]
    wide = Database(database_url, pool_size=10)
    use_database(wide)
    try:
        assert all_at_once(10, lambda i: confirm_entry(ids[i], couples[i].second)) == Counter(done=10)
    finally:
        use_database(clean_database)
        wide.engine.dispose()
    assert Counter(entry(one).state.value for one in ids) == Counter(placed=3, reserve=7)
    assert event(made.id).taken == 3
    assert sorted(entry(one).rank or 0 for one in ids) == list(range(1, 11))


def test_an_event_that_is_called_off(office: uuid.UUID, registrar: uuid.UUID, couple: Make) -> None:
    made, two = announce(office), couple()
    entry_id = enter(made, two)
    cancel_event(made.id, registrar)
    assert (entry(entry_id).state, told(two.second)[-1]) == (EntryState.CANCELLED, "event_cancelled")
    assert code_of(lambda: sign_up(made.id, two.appointment_id, two.first)) == "too_late"
    assert code_of(lambda: cancel_event(made.id, registrar)) == "state_conflict"


@pytest.mark.parametrize("change", [{"places": 0}, {"title": ""}, {"closes_at": at("2026-12-21 10:00")}])
def test_what_an_event_cannot_be(office: uuid.UUID, change: dict[str, object]) -> None:
    facts = {
        "kind": EventKind.GROUP_CEREMONY,
        "title": "集体颁证",
        "place": "广场",
        "starts_at": at("2026-12-20 10:00"),
        "opens_at": now(),
        "closes_at": at("2026-12-01 17:00"),
        "places": 2,
        "mode": EventMode.DRAW,
    }
    assert code_of(lambda: announce_event(office, EventFacts(**(facts | change)))) == "invalid"  # type: ignore[arg-type]


# --- private links ---


def cloud(cloud_id: uuid.UUID) -> CloudCeremony:
    with transaction() as session:
        return session.get_one(CloudCeremony, cloud_id, populate_existing=True)


def test_a_private_link_needs_both(garden: uuid.UUID, couple: Make, client: FlaskClient, clock: MovableClock) -> None:
    two = couple()
    made = hold(two, garden)
    asked = choose_cloud(made.id, two.first, given=True)
    assert (asked.state.value, told(two.second)[-1]) == ("asked", "cloud_asked")
    assert code_of(lambda: enter_link(asked.id, "https://video.example.cn/a")) == "state_conflict"
    assert choose_cloud(made.id, two.second, given=True).state.value == "agreed"
    for wrong in ("http://video.example.cn/a", "video", "https://video.example.cn/610102199001011234"):
        assert code_of(partial(enter_link, asked.id, wrong)) == "invalid"
    token = enter_link(asked.id, "https://video.example.cn/a").token or ""
    assert len(token) >= 43
    assert told(two.first)[-1] == "cloud_ready"
    page = client.get(f"/h5/ceremony/{token}")
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "https://video.example.cn/a" in page.text
    assert not {"王小明", "李小红", made.number} & set(page.text.split())
    assert client.get(f"/h5/ceremony/{token[:-1]}A1").status_code == 404
    clock.move_to(made.starts_at + timedelta(days=30))
    assert client.get(f"/h5/ceremony/{token}").status_code == 404, "also before the tick"
    assert (end_clouds(), end_clouds()) == (1, 0)
    ended = cloud(asked.id)
    assert (ended.state.value, ended.link, ended.token, ended.erased_at) == ("ended", None, None, None)


def test_either_takes_it_back_at_any_time(garden: uuid.UUID, registrar: uuid.UUID, couple: Make) -> None:
    two = couple()
    made = hold(two, garden)
    cloud_id = choose_cloud(made.id, two.first, given=True).id
    choose_cloud(made.id, two.second, given=True)
    token = enter_link(cloud_id, "https://video.example.cn/a").token or ""
    assert code_of(lambda: note_erased(cloud_id, registrar)) == "state_conflict"
    choose_cloud(made.id, two.second, given=False)
    assert (shown_by(token), cloud(cloud_id).link, row(made.id).state.value) == (None, None, "booked")
    assert note_erased(cloud_id, registrar).erased_by == registrar
    assert choose_cloud(made.id, two.second, given=True).state.value == "agreed"
    assert cloud(cloud_id).erased_at is None
    cancel_ceremony(made.id, two.first)
    assert cloud(cloud_id).state.value == "ended"


def test_a_stranger_has_no_word_in_it(garden: uuid.UUID, couple: Make) -> None:
    made = hold(couple(), garden)
    assert code_of(lambda: choose_cloud(made.id, couple(1).first, given=True)) == "not_found"
