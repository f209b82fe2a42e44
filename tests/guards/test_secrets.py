"""What must stay secret never gets into logs, addresses or the open columns of the database, and into pages only where
it is meant to be.

The whole product is driven with values that are known: by chat, by the API, and at the console by every account, which
follows every link and sends every form. New rooms are taken in by themselves: a page of theirs that shows a name fails
here until it is listed in `SHOWN`.

Long because each form that shows a secret on purpose has its line here.
"""

from __future__ import annotations

import json as jsonlib
import logging
import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask, Response, flash, redirect

from backend.api.kit import PREFIX
from backend.marriage.models import Appointment
from backend.people.models import WeChatIdentity
from backend.settings import demonstration_environment
from backend.staff.demo import DEMONSTRATION_PASSWORD, sign_ins
from backend.staff.models import StaffAccount
from backend.storage import key_ring, transaction
from backend.storage.census import sealed_columns
from backend.storage.sealing import bound_by, sealed_context
from tests.api.conftest import booking
from tests.chat.phone import everything_stored
from tests.contract.browsing import Desk
from tests.contract.planted import (
    ANSWERS,
    BRIDE,
    BRIDE_NUMBER,
    GROOM,
    GROOM_NUMBER,
    GROOM_PHONE,
    LEFT_ALONE,
    PLANTED,
)
from tests.contract.recording import Recording, kinds_in, recording
from tests.story.conftest import world
from tests.story.test_booking_story import book_by_chat
from tests.story.world import Resident, World

__all__ = ["world"]

Known = dict[str, set[str]]

# What a sealed column holds, by its name without `_sealed`; None: words or documents, in which names may stand.
SEALED: dict[str, str | None] = {
    "parties": None,
    "name": "name",
    "principal_name": "name",
    "applicant_name": "name",
    "applicant_number": "number",
    "former_name": "name",
    "reader_name": "name",
    "authority": None,
    "registered_at": None,
    "certificate": None,
    "question": None,
    "native_place": None,
    "work_unit": None,
    "id_number": "number",
    "principal_number": "number",
    "phone": "phone",
    "applicant_phone": "phone",
    "link": None,
    "about": None,
    "guardian": "name",
    "token": None,
    "seed": None,
    "openid": "openid",
    "secret": "secret",
    "session_key": "secret",
    "address": None,
    "answer": None,
    "file_key": None,
    "message": None,
    "body": None,
    "content": None,
    "evidence": None,
    "note": None,
    "reason": None,
    "reply": None,
    "state": None,
    "words": None,
}
_OPENS_DOORS = re.compile("(KEYS?|SECRET|TOKEN)$")
# Where an answer may hold what: the couple at their registry's desk, one's own data in the mini-program, and whatever
# the person at the desk has just typed or asked to see, which leaves a line in the audit trail.
SHOWN: dict[str, set[str]] = {
    "audit.relatives": {"name"},
    "audit.well_known_list": {"name"},
    "archive_desk.approve": {"name", "phone"},
    "archive_desk.enter": {"name", "number", "phone"},
    "archive_desk.log": {"name"},
    "archive_desk.one_request": {"name", "phone"},
    "archive_desk.requests": {"name"},
    "archive_desk.slip": {"name"},
    "archive_desk.step": {"name", "phone"},
    "archive_desk.step_form": {"name"},
    "ceremony_desk.ceremonies": {"name"},
    "ceremony_desk.ceremony": {"name"},
    "console.search": {"name"},
    "resource_desk.resource_add": {"name"},
    "marriage_waiting_desk.entries": {"name"},
    "marriage_waiting_desk.entry": {"name", "phone"},
    "marriage_waiting_desk.end": {"name", "phone"},
    "marriage_rushes.list_rushes": {"secret"},  # a draw's, published once it is over
    "settings.template_set": {"number"},  # what was typed into the form, to be put right
    "marriage_waiting_desk.entry_add": {"name", "number", "phone"},  # what was typed, to be put right
    "ceremony_desk.called_off": {"name"},
    "ceremony_desk.officiant": {"name"},
    "ceremony_desk.place": {"name"},
    "marriage_desk.office_add": {"name", "phone"},
    "console.worklist": {"name"},
    "divorce_desk.accept_form": {"name"},
    "divorce_desk.cases": {"name"},
    "divorce_desk.confirmation": {"name"},
    "divorce_desk.correct": {"name"},
    "divorce_desk.issue": {"name"},
    "divorce_desk.step_form": {"name"},
    "divorce_desk.withdraw": {"name"},
    "marriage_capacity.move_answer": {"name", "phone"},
    "marriage_capacity.move_call": {"name", "phone"},
    "marriage_capacity.move_line": {"name", "phone"},
    "counselling_desk.counsellor_add": {"name"},
    "counselling_desk.sessions": {"name"},
    "counselling_desk.session_page": {"name", "phone"},
    "counselling_desk.session_noted": {"name", "phone"},
    "counselling_desk.session_note": {"name", "phone"},
    "counselling_desk.session_link": {"name", "phone"},
    "counselling_desk.session_risk": {"name", "phone"},
    "counselling_desk.session_apart": {"name", "phone"},
    "counselling_desk.session_place": {"name", "phone"},
    "counselling_desk.session_called_off": {"name", "phone"},
    "counselling_desk.supervised": {"name", "phone"},
    "counselling_desk.supervised_step": {"name", "phone"},
    "counselling_desk.callback": {"name", "phone"},
    "counselling_desk.callback_taken": {"name", "phone"},
    "counselling_desk.callback_missed": {"name", "phone"},
    "counselling_desk.callback_closed": {"name", "phone"},
    "divorce_desk.call": {"name", "phone"},
    "divorce_desk.care": {"name", "phone"},
    "divorce_desk.care_end": {"name", "phone"},
    "divorce_desk.care_note": {"name", "phone"},
    "divorce_desk.care_risk": {"name", "phone"},
    "divorce_desk.care_supervised": {"name", "phone"},
    "divorce_desk.care_take": {"name", "phone"},
    "divorce_desk.case": {"name", "phone"},
    "divorce_desk.no_care": {"name", "phone"},
    "divorce_desk.risk": {"name", "phone"},
    "divorce_desk.accept": {"name", "number", "phone"},
    "marriage.create_appointment": {"name"},
    "marriage.list_appointments": {"name"},
    "marriage_desk.board": {"name"},
    "marriage_desk.day_list": {"name"},
    "marriage_desk.detail": {"name", "phone"},
    "marriage_desk.annul_form": {"name"},
    "marriage_desk.hall": {"name"},
    "marriage_desk.hall_arrive": {"name"},
    "marriage_desk.reason_form": {"name"},
    "marriage_desk.reveal": {"name", "number", "phone"},
    "me.get_my_data": {"name", "number", "phone", "openid"},
    "people.code": {"name"},
    "people.person": {"name"},
    "people.reveal": {"name", "number", "phone"},
    "people.verify": {"name", "number", "phone"},
    "rights.register": {"name", "number", "phone"},
    "sessions.create_session": {"token"},
    "staff_desk.add_member": {"name"},
    "staff_desk.people_search": {"name", "number", "phone"},
}
# WeChat itself puts the openid into the address of a push (wechat-protocol §1.2); proxies must not log it
# (docs/operations.md).
IN_ADDRESSES: dict[str, set[str]] = {"wechat.push_account": {"openid"}, "wechat.push_miniprogram": {"openid"}}
# What the account says to somebody in the chat repeats the names they wrote.
IN_CHAT = {"name"}
# To whom a message goes.
IN_CALLS = {"openid"}


def drive(world: World) -> None:
    """Use everything: the chat, the API, what is due, and every page and form of the console as every account."""
    resident = world.resident("王小明")
    couple = f"{GROOM} {GROOM_NUMBER}\n{BRIDE} {BRIDE_NUMBER}"
    number = book_by_chat(world, "王小明", when="11月26号上午10点", parties=couple)
    use_the_api(world, resident.token())
    use_the_web(world, resident)
    confirm(world, number)
    world.work()
    for account in sign_ins():
        desk = Desk(world, account.username)
        desk.look_everywhere()
        desk.press_everything(ANSWERS, LEFT_ALONE)
    httpx.get(f"{world.product_url}/metrics")
    world.work()


def use_the_web(world: World, resident: Resident) -> None:
    """Sign in inside WeChat's browser, look at one's own page, and come back a second time with the code used."""
    with httpx.Client(base_url=world.product_url) as browser:
        to_wechat = browser.get("/h5/login").headers["Location"]
        back = httpx.get(to_wechat, cookies={"sandbox_phone": resident.id}).headers["Location"]
        arrived = urlsplit(back)
        for _ in range(2):
            assert browser.get(f"{arrived.path}?{arrived.query}").status_code == 303
        page = browser.get("/h5/me")
        assert page.status_code == 200, page.text
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
        assert token
        assert browser.get("/h5/reminders").status_code == 200
        base = world.app.extensions["settings"].public_base_url
        signed = browser.get("/h5/reminders/signature", params={"url": f"{base}/h5/reminders"})
        assert signed.status_code == 200, signed.text
        browser.post("/h5/sign-out", data={"form_token": token[1]})


def confirm(world: World, number: str) -> None:
    """Confirm the appointment at the desk, so that the couple is written to."""
    with transaction() as session:
        row_id = session.scalar(sa.select(Appointment.id).where(Appointment.number == number))
    world.registrar().does(f"/console/marriage/appointments/{row_id}", "confirm")


def use_the_api(world: World, token: str) -> None:
    """Give names, numbers and telephones to every operation that takes them, and read everything that lists."""

    def call(method: str, path: str, body: Any = None) -> httpx.Response:
        answer = world.product.request(
            method, f"{PREFIX}{path}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code < 500, answer.text
        return answer

    office = call("GET", "/marriage/offices").json()["items"][0]["id"]
    days = call("GET", f"/marriage/slots?office_id={office}&from=2026-11-27&to=2026-12-04").json()["items"]
    slot = next(slot["id"] for day in days for slot in day["slots"] if slot["free"])
    body = booking(slot, 8000)
    assert call("POST", "/marriage/appointments", body).status_code == 201
    body["parties"][0] |= {"name": GROOM, "id_number": GROOM_NUMBER, "phone": GROOM_PHONE}
    assert call("POST", "/marriage/appointments", body).status_code == 409
    call("POST", "/me/verification", {"name": GROOM, "id_type": "resident_identity_card", "id_number": GROOM_NUMBER})
    call("POST", "/me/phone", {"phone": GROOM_PHONE})
    call("POST", "/me/counter-code")
    call("POST", "/me/bind-codes")
    call("GET", "/me/sessions")
    call("POST", "/sessions", {"code": GROOM_NUMBER})
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and not rule.arguments and "GET" in (rule.methods or ()):
            call("GET", rule.rule.removeprefix(PREFIX))


def known_values(recorded: Recording) -> Known:
    """Everything that is to stay secret: what was planted, what is sealed, and what opens doors."""
    known = {kind: set(values) for kind, values in PLANTED.items()}
    for kind, value in sealed_values():
        known.setdefault(kind, set()).add(value)
    with transaction() as session:
        known["openid"] = known.get("openid", set()) | set(session.scalars(sa.select(WeChatIdentity.openid)))
        known["name"] -= set(session.scalars(sa.select(StaffAccount.display_name)))  # staff are named to residents
    settings = demonstration_environment().items()
    known["key"] = {value.rpartition(":")[2] for name, value in settings if _OPENS_DOORS.search(name) and value}
    known["token"] = {token for exchange in recorded.exchanges for token in exchange.tokens}
    return known


def sealed_values() -> set[tuple[str, str]]:
    """Kind and text of every sealed value that is not words or a document."""
    found = set()
    with transaction() as session:
        for column in sealed_columns():
            kind, bound = SEALED[column.name.removesuffix("_sealed")], column.table.c[bound_by(column)]
            if kind is None:
                continue
            for row_id, sealed in session.execute(sa.select(bound, column).where(column.is_not(None))):
                context = sealed_context(column.table.name, column.name, row_id)
                found.add((kind, key_ring().open(sealed, context)))
    return found


def in_answers(recorded: Recording, known: Known) -> dict[str, set[str]]:
    """Kinds by endpoint that answers hold and may not."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for exchange in recorded.exchanges:
        found[exchange.endpoint] |= kinds_in(exchange.body, known).keys() - SHOWN.get(exchange.endpoint, set())
    return {endpoint: kinds for endpoint, kinds in found.items() if kinds}


def in_addresses(recorded: Recording, known: Known) -> dict[str, set[str]]:
    """Kinds by endpoint that are in the address asked for, in those an answer leads to, or in the session cookie."""
    texts: defaultdict[str, set[str]] = defaultdict(set)  # most pages lead to the same places
    for exchange in recorded.exchanges:
        texts[exchange.endpoint] |= {exchange.address, *exchange.addresses, exchange.cookies}
    found = {
        endpoint: {kind for text in given for kind in kinds_in(text, known)} - IN_ADDRESSES.get(endpoint, set())
        for endpoint, given in texts.items()
    }
    return {endpoint: kinds for endpoint, kinds in found.items() if kinds}


def in_log(recorded: Recording, known: Known) -> list[str]:
    """Lines of the log that hold anything."""
    return [line for line in recorded.lines() if kinds_in(line, known)]


def in_chat(world: World, known: Known) -> list[str]:
    """What was written to residents that they did not write, or that WeChat need not know."""
    texts = [item["text"] for item in world.resident("王小明").chat() if item["from"] == "account" and "text" in item]
    calls = [str(call) for call in world.sandbox.get("/sandbox/journal", params={"limit": 500}).json()["items"]]
    messages = [call for call in calls if "/message/" in call]
    assert texts
    assert messages
    found = [text for text in texts if kinds_in(text, known).keys() - IN_CHAT]
    # Access tokens of WeChat are not among the known ones: the client never shows them to anybody but WeChat.
    return found + [call for call in messages if kinds_in(call, known).keys() - IN_CALLS]


def test_secrets_stay_where_they_belong(world: World) -> None:
    with recording(world.app) as recorded:
        drive(world)
    known = known_values(recorded)
    assert {kind for kind, values in known.items() if not values} == set()
    assert {"refused"} <= {jsonlib.loads(line)["message"] for line in recorded.lines()}
    assert {
        "log": in_log(recorded, known),
        "addresses": in_addresses(recorded, known),
        "answers": in_answers(recorded, known),
        "chat": in_chat(world, known),
        "database, in the clear": kinds_in(everything_stored(), PLANTED),
        "faults": [f"{e.method} {e.endpoint}" for e in recorded.exchanges if e.status >= 500],
    } == {"log": [], "addresses": {}, "answers": {}, "chat": [], "database, in the clear": {}, "faults": []}
    was_shown(recorded, known)


def was_shown(recorded: Recording, known: Known) -> None:
    """The drive did what it is for: it searched, revealed, and was shown what it may see."""
    seen = defaultdict(set)
    for exchange in recorded.exchanges:
        seen[exchange.endpoint] |= kinds_in(exchange.body, known).keys()
    assert "number" in seen["marriage_desk.reveal"]
    assert "name" in seen["marriage_desk.board"]
    assert "token" in seen["sessions.create_session"]


def test_the_list_names_pages_there_are(app: Flask) -> None:
    assert (SHOWN.keys() | IN_ADDRESSES.keys()) - app.view_functions.keys() == set()


def test_every_sealed_column_is_of_a_known_kind() -> None:
    assert {column.name.removesuffix("_sealed") for column in sealed_columns()} - SEALED.keys() == set()


LEAKS = {
    "page": f"<!doctype html><p>{GROOM}</p>",
    "number with spaces": f"<!doctype html><p>{GROOM_NUMBER[:6]} {GROOM_NUMBER[6:14]} {GROOM_NUMBER[14:]}</p>",
    "number in pieces": f"<!doctype html><b>{GROOM_NUMBER[:6]}</b><b>{GROOM_NUMBER[6:]}</b>",
    "entities": "<!doctype html><p>" + "".join(f"&#{ord(letter)};" for letter in BRIDE) + "</p>",
    "json": jsonlib.dumps({"items": [{"phone": GROOM_PHONE, "name": GROOM}]}),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_an_answer_holds_is_found(leak: str) -> None:
    app = Flask("leaky")
    kind = "application/json" if leak == "json" else "text/html"
    app.add_url_rule("/console/leak", "leak", lambda: Response(LEAKS[leak], content_type=kind))
    with recording(app) as recorded:
        app.test_client().get("/console/leak")
    assert in_answers(recorded, PLANTED).keys() == {"leak"}
    assert in_addresses(recorded, PLANTED) == {}


@pytest.mark.parametrize(
    "answer",
    [
        lambda: redirect(f"/console/found?q={quote(GROOM)}"),
        lambda: f'<!doctype html><a href="/console/found?q={quote(GROOM)}">?</a>',
        lambda: f'<!doctype html><form action="/console/{GROOM_NUMBER}"></form>',
        lambda: f'<!doctype html><p hx-get="/console/found?phone={GROOM_PHONE}"></p>',
        lambda: Response(headers={"HX-Redirect": f"/console/{GROOM_PHONE}"}),
        lambda: flash(f"{GROOM}") or "",
    ],
)
def test_what_addresses_and_cookies_hold_is_found(answer: Any) -> None:
    app = Flask("leaky")
    app.secret_key = "x"
    app.add_url_rule("/console/leak", "leak", answer)
    with recording(app) as recorded:
        app.test_client().get("/console/leak")
        app.test_client().get("/console/leak", query_string={"q": GROOM})
    assert in_addresses(Recording(recorded.exchanges[:1]), PLANTED).keys() == {"leak"}
    assert in_addresses(Recording(recorded.exchanges[1:]), PLANTED)["leak"] >= {"name"}


def test_what_is_logged_is_found() -> None:
    log = logging.getLogger("backend.somewhere")
    with recording(Flask("leaky")) as recorded:
        log.info("harmless", extra={"count": 3})
        log.info("given", extra={"who": GROOM})
        log.warning("failed: %s", DEMONSTRATION_PASSWORD)
        log.info("number %s", GROOM_NUMBER)
    assert len(in_log(recorded, PLANTED)) == 2, "numbers are struck out by the formatter, names are not"
    assert len(recorded.lines()) == 4
