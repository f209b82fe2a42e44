"""Every route, for every role, for records of one's own place and of others, for oneself and for other people.

Made from the table of routes: a route that comes later is tried by itself, and a record of a new kind has to be given
to `records.make_records`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from backend.kernel.access import Access, Caller
from backend.kernel.clock import clock_at
from backend.marriage.kinds import Declaration
from backend.marriage.waiting.parameters import HOLD_MINUTES
from backend.people.logins import sessions_of
from backend.staff import Role, passwords
from backend.staff.demo import DISTRICT, STREETS, load_demo
from backend.staff.permissions import ROLES
from backend.storage import Database, transaction
from tests.console.support import CHEAP_HASHER, TUESDAY, Desk, make_offices
from tests.contract.records import everything_over, make_records, mixed_powers
from tests.contract.residents_records import make_residents_records
from tests.files.samples import png
from tests.guards.test_routes import NOBODY, address_of, methods, rules_for
from tests.marriage.support import couple
from tests.rights.support import Resident, make_resident, prove

# One account of the demonstration for each role.
SIGN_INS = {
    Role.REGISTRAR: "registrar-1",
    Role.REGISTRY_HEAD: "head-1",
    Role.COUNTER_CLERK: "clerk-1",
    Role.SOCIAL_WORKER: "social-1",
    Role.COUNSELLOR: "counsellor-1",
    Role.COUNSELLING_SUPERVISOR: "counselling",
    Role.PRIVACY_OFFICER: "privacy",
    Role.AUDITOR: "auditor",
    Role.SUPERVISOR: "supervisor",
    Role.ADMINISTRATOR: "admin",
}
# Would end the session that the rest is tried with.
ENDS_THE_SESSION = {"console.sign_out_form"}
# Lists of the whole bureau, which belong to no place.
OF_NO_PLACE = {"audit.well_known_remove": "the list of well-known people is one for the bureau"}
# Nothing is there and the answer says so, whoever asks, whether it never was, is another's or has just ended.
ANSWERED_ALIKE = {"entry.session_revoke": "a session that has ended meanwhile is what was wanted"}
# Records that are somebody's own: whoever else asks, whatever they hold, is told that there is nothing.
OWN_ALONE = {"session_id", "export_id"}
# A page of a record that others may open otherwise.
OWN_PAGES = {"counselling_desk.session_page": "the counsellor's own; whoever supervises has another page for it"}
# About what a registry offers to everybody; what a resident makes of it there is their own.
FOR_ANY_RESIDENT = {
    "ceremonies.get_draw": "the proof of a draw names nobody and is for everybody to check",
    "ceremonies.list_sessions": "free sessions of a venue are offered to everybody",
    "marriage_rushes.ask": "anybody may ask in a rush; the request is their own",
}
# What a question asks beside its address.
ASKED_BESIDE = {"ceremonies.list_sessions": f"?from={TUESDAY:%Y-%m-%d}&to={TUESDAY:%Y-%m-%d}"}
# What is sent as a form with a picture in this field.
PICTURES = {"covers.put": "picture"}
# What an address says beside ids of records.
WORDS: dict[str, Any] = {
    "action": "confirm",
    "what": "death",
    "about": "start",
    "name": "marriage.appointments",
    "kind": "marriage_appointment",
    "subject_id": NOBODY,
    "position": 1,
    "_rest": "no-such-page",
    "key": HOLD_MINUTES.key,
    "token": "no-such-page",
    "day": f"{TUESDAY:%Y-%m-%d}",
}


@pytest.fixture
def district(clean_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, uuid.UUID]]:
    """The demonstration's places and accounts, and one record of every kind, of the first registry and street."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with clock_at(TUESDAY):
        load_demo()
        make_offices()
        records = make_records()
        with transaction():
            everything_over("insider", DISTRICT)
            everything_over("outsider", STREETS[1])
        yield records


def staff_routes(app: Flask) -> list[tuple[Rule, Access, str]]:
    """Every route for staff with each of its methods."""
    return [
        (rule, declared, method)
        for rule, declared in rules_for(app, Caller.STAFF)
        if rule.endpoint not in ENDS_THE_SESSION
        for method in methods(rule)
    ]


def record_names(rule: Rule) -> set[str]:
    """The records that an address names."""
    return {name for name in rule.arguments if name.endswith("_id") and name != "subject_id"}


def written(rule: Rule, records: Mapping[str, object]) -> str:
    """The address of a rule about these records."""
    room = rule.endpoint.partition(".")[0]
    values = {}
    for name in rule.arguments:
        known = [f"{rule.endpoint}.{name}", f"{room}.{name}", name]
        values[name] = next((records[one] for one in known if one in records), WORDS.get(name))
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule.rule
    return built[1]


def calls(desk: Desk, method: str, address: str) -> TestResponse:
    """Open a page or send a form."""
    return desk.get(address) if method == "GET" else desk.post(address, {"note": "不合适"})


def test_every_role_is_tried() -> None:
    assert SIGN_INS.keys() == set(Role) == ROLES.keys()


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_its_permissions_say_and_nothing_else(
    app: Flask, district: Mapping[str, uuid.UUID], role: Role
) -> None:
    desk = Desk(app.test_client(), SIGN_INS[role])
    wrong, refused, opened = [], 0, 0
    for rule, declared, method in staff_routes(app):
        status = calls(desk, method, address_of(rule, method)).status_code
        forbidden = declared.permission is not None and declared.permission not in ROLES[role]
        refused, opened = refused + forbidden, opened + (not forbidden)
        if (status == 403) is not forbidden or status >= 500:
            wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []
    assert refused > 20
    assert opened > 20


def test_records_of_other_places_are_not_there(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    desk = Desk(app.test_client(), "outsider")
    tried, wrong = 0, []
    for rule, _, method in staff_routes(app):
        if record_names(rule) and rule.endpoint not in OF_NO_PLACE | ANSWERED_ALIKE:
            tried += 1
            status = calls(desk, method, written(rule, district)).status_code
            if status != 404:
                wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []
    assert tried > 30


def test_a_permission_elsewhere_and_others_here_open_nothing(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    """For each permission somebody holds it over another street, and everything else over the records' own place.

    A page that asks whether one holds it anywhere, or whether one holds anything here, is found by this.
    """
    about = [one for one in staff_routes(app) if record_names(one[0]) and one[0].endpoint not in OF_NO_PLACE]
    tried, wrong = set(), []
    for number, permission in enumerate(sorted({declared.permission for _, declared, _ in about} - {None})):
        with transaction():
            mixed_powers(f"mixed-{number}", permission, here=DISTRICT, elsewhere=STREETS[1])
        desk = Desk(app.test_client(), f"mixed-{number}")
        for rule, declared, method in about:
            if declared.permission == permission:
                tried.add(permission)
                status = calls(desk, method, written(rule, district)).status_code
                if status != 404:
                    wrong.append(f"{permission}: {method} {rule.rule}: {status}")
    assert wrong == []
    assert len(tried) > 10


def test_what_is_ones_own_is_not_there_for_whoever_holds_the_place(
    app: Flask, district: Mapping[str, uuid.UUID]
) -> None:
    """Every permission over the place of the record is no right to what is another's own: files, sessions."""
    desk, tried, wrong = Desk(app.test_client(), "insider"), set(), []
    for rule, _, method in staff_routes(app):
        if record_names(rule) & OWN_ALONE and rule.endpoint not in ANSWERED_ALIKE:
            tried |= record_names(rule) & OWN_ALONE
            status = calls(desk, method, written(rule, district)).status_code
            if status != 404:
                wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []
    assert tried == OWN_ALONE - {"session_id"}


def test_records_that_are_not_there_are_not_there_for_anybody(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    desk, wrong = Desk(app.test_client(), "insider"), []
    for rule, _, method in staff_routes(app):
        if record_names(rule) and rule.endpoint not in ANSWERED_ALIKE:
            status = calls(desk, method, written(rule, dict.fromkeys(record_names(rule), NOBODY))).status_code
            if status != 404:
                wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []


def test_whoever_holds_the_place_finds_them(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    """Without this the test before would be content with addresses that nobody can open."""
    desk, wrong = Desk(app.test_client(), "insider"), []
    for rule, _, method in staff_routes(app):
        names = record_names(rule)
        if method == "GET" and names and not names & OWN_ALONE and rule.endpoint not in OWN_PAGES:
            status = calls(desk, method, written(rule, district)).status_code
            if status != 200:
                wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []


def test_every_kind_of_record_is_tried(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    names = {name for rule, _, _ in staff_routes(app) for name in record_names(rule)}
    assert names == {name.rpartition(".")[2] for name in district}
    assert {rule.endpoint for rule, _, _ in staff_routes(app)} >= OF_NO_PLACE.keys()


def test_what_is_answered_alike_is_left_alone(app: Flask, district: Mapping[str, uuid.UUID]) -> None:
    desk = Desk(app.test_client(), "insider")
    rules = [rule for rule, _, _ in staff_routes(app) if rule.endpoint in ANSWERED_ALIKE]
    assert len(rules) == len(ANSWERED_ALIKE)
    with transaction() as session:
        before = session.scalar(sa.text("SELECT count(*) FROM staff_sessions"))
    for rule in rules:
        theirs, nobodys = (
            calls(desk, "POST", written(rule, records)) for records in (district, {"session_id": NOBODY})
        )
        assert (theirs.status_code, theirs.location) == (nobodys.status_code, nobodys.location)
    with transaction() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM staff_sessions")) == before


# --- residents ---

ResidentRecord = Callable[[Resident], object]


def resident_rules(app: Flask) -> list[Rule]:
    """The API's routes about one record."""
    return [rule for rule, _ in rules_for(app, Caller.RESIDENT) if record_names(rule)]


@pytest.fixture
def owned(app: Flask, district: Mapping[str, uuid.UUID]) -> tuple[Resident, Mapping[str, uuid.UUID]]:
    """A resident, and what is theirs."""
    resident = make_resident(app, "owner")
    asked = resident.asks("export").get_json()
    with transaction() as session:
        session.execute(
            sa.text("UPDATE marriage_appointments SET booked_by = :me WHERE id = :id"),
            {"me": resident.id, "id": district["appointment_id"]},
        )
        session.execute(
            sa.text("UPDATE proxy_ties SET helper_id = :me WHERE id = :id"),
            {"me": resident.id, "id": district["tie_id"]},
        )
    mine = {
        "session_id": sessions_of(resident.id, None, 1)[0].id,
        **make_residents_records(district, resident.id),
        "appointment_id": district["appointment_id"],
        "tie_id": district["tie_id"],
        "request_id": uuid.UUID(asked["id"]),
    }
    return resident, mine


def sends(
    resident: Resident, method: str, rule: Rule, records: Mapping[str, object], body: Mapping[str, object] | None = None
) -> TestResponse:
    """Ask the API."""
    address = written(rule, records) + ASKED_BESIDE.get(rule.endpoint, "")
    headers = {"Authorization": f"Bearer {resident.token}"}
    if rule.endpoint in PICTURES:
        form = {PICTURES[rule.endpoint]: (BytesIO(png()), "a.png")}
        return resident.client.open(address, method=method, headers=headers, data=form)
    return resident.client.open(address, method=method, headers=headers, json=None if method == "GET" else body or {})


def body_for(rule: Rule, appointment_id: object) -> Mapping[str, object]:
    """What has to be said beside the address to be heard at all."""
    parties = [{"name": one.name, "id_type": one.id_type.value, "id_number": one.id_number} for one in couple(7)]
    declarations = dict.fromkeys((one.value for one in Declaration), True)
    bodies: dict[str, Mapping[str, object]] = {
        "marriage.reschedule": {"slot_id": NOBODY},
        "archive.answer_archive_request": {"answer": "王明"},
        "archive.book_archive_visit": {"slot_id": NOBODY},
        "ceremonies.choose": {"given": True},
        "ceremonies.create_entry": {"appointment_id": str(appointment_id)},
        "counselling.move_session": {"starts_at": TUESDAY.isoformat()},
        "marriage_rushes.ask": {"parties": parties, "declarations": declarations},
    }
    return bodies.get(rule.endpoint, {})


def test_what_belongs_to_another_person_is_not_there(
    app: Flask, owned: tuple[Resident, Mapping[str, uuid.UUID]]
) -> None:
    _, theirs = owned
    stranger = make_resident(app, "stranger")
    prove(stranger.id, couple(3)[0], phone="13900000098")  # so that nothing is refused for want of a proof alone
    rules = resident_rules(app)
    assert {name for rule in rules for name in record_names(rule)} == {name.rpartition(".")[2] for name in theirs}
    assert {rule.endpoint for rule in rules} >= FOR_ANY_RESIDENT.keys()
    wrong = []
    for rule in rules:
        body, nobodys = body_for(rule, theirs["appointment_id"]), dict.fromkeys(record_names(rule), NOBODY)
        for method in methods(rule):
            for records in (nobodys,) if rule.endpoint in FOR_ANY_RESIDENT else (theirs, nobodys):
                answer = sends(stranger, method, rule, records, body)
                if (answer.status_code, (answer.get_json() or {}).get("code")) != (404, "not_found"):
                    wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_whoever_owns_it_finds_it(app: Flask, owned: tuple[Resident, Mapping[str, uuid.UUID]]) -> None:
    owner, mine = owned
    for rule in resident_rules(app):
        if "GET" in methods(rule):
            assert sends(owner, "GET", rule, mine).status_code == 200, rule.rule


def test_what_is_for_any_resident_is_found_by_strangers(
    app: Flask, owned: tuple[Resident, Mapping[str, uuid.UUID]]
) -> None:
    stranger, there = make_resident(app, "stranger"), owned[1]
    for rule in resident_rules(app):
        if rule.endpoint in FOR_ANY_RESIDENT and "GET" in methods(rule):
            assert sends(stranger, "GET", rule, there).status_code == 200, rule.rule
