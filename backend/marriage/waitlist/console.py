"""The waiting list at the console: who waits in which order, one entry with its history, and what registrars may do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import (
    ConsoleRoom,
    NavEntry,
    Nodes,
    SubjectLink,
    Waiting,
    console_blueprint,
    current_account,
    current_nodes,
    may_here,
    read_cursor,
    say,
)
from backend.console.audit_pages.reasons import require_reason
from backend.console.rooms import NavGroup
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_day, spoken_moment
from backend.kernel.clock import BEIJING, today
from backend.kernel.errors import AppError
from backend.marriage.capacity.queries import offices_of
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import BOOKABLE_KINDS, Kind
from backend.marriage.texts import KIND_NAMES
from backend.marriage.waiting import desk_queries, texts
from backend.marriage.waiting.by_staff import (
    ByTelephone,
    accept_by_telephone,
    add_by_telephone,
    end_by_staff,
    pass_by_telephone,
)
from backend.marriage.waiting.desk_queries import EntryRow, Filter, Tab
from backend.marriage.waiting.notices import SUBJECT_KIND
from backend.marriage.waiting.queries import own_entry
from backend.staff import Permission, record
from backend.staff.audit import record_look, watch_index
from backend.storage import transaction

waiting_desk = console_blueprint("marriage_waiting_desk", "backend.marriage", "/console/marriage/waiting")

PAGE_SIZE = 30
_FIELDS = ("name", "last4", "state")
_OFFERED_KINDS = sorted(BOOKABLE_KINDS, key=list(Kind).index)


@waiting_desk.context_processor
def _names() -> dict[str, object]:
    return {"WAITING_STATES": texts.STATE_NAMES, "WAITING_EVENTS": texts.EVENT_NAMES, "KIND_NAMES": KIND_NAMES}


@waiting_desk.get("")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def entries() -> str:
    """A page of the list."""
    wanted, cursor = _filter(), read_cursor(request.args.get("cursor"))
    nodes = current_nodes(Permission.READ_APPOINTMENTS)
    with transaction():
        page = desk_queries.entry_rows(nodes, wanted, cursor, PAGE_SIZE)
        record_look("marriage.waiting_list_viewed", SUBJECT_KIND, [row.entry.id for row in page.rows], fields=_FIELDS)
    return render_template(
        "marriage/waiting/list.html",
        page=page,
        wanted=wanted,
        later_page=cursor is not None,
        offices=offices_of(nodes),
        kinds=_OFFERED_KINDS,
        arguments=_arguments(wanted),
    )


@waiting_desk.get("/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def entry_form() -> str:
    """The form for somebody on the telephone."""
    return _render_form(request.args)


@waiting_desk.post("/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def entry_add() -> AnyResponse:
    """Put them in line."""
    try:
        with transaction():
            wish = _wish(request.form)
            entry_id = add_by_telephone(wish, current_account().id)
            record("marriage.waiting_added", SUBJECT_KIND, entry_id)
            row = _entry(entry_id, Permission.DECIDE_APPOINTMENTS)
            ahead = own_entry(entry_id, row.entry.person_id).ahead or 0
    except AppError as refusal:
        return make_response(_render_form(request.form, refusal), refusal.status)
    say(texts.ADDED.format(ahead=ahead))
    return redirect(url_for("marriage_waiting_desk.entry", waiting_id=entry_id), 303)


@waiting_desk.get("/<uuid:waiting_id>")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def entry(waiting_id: uuid.UUID) -> str:
    """One entry with its people, what is kept for it, and its history."""
    return _render(_entry(waiting_id, Permission.READ_APPOINTMENTS))


@waiting_desk.post("/<uuid:waiting_id>/end")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def end(waiting_id: uuid.UUID) -> AnyResponse:
    """End it, with a reason that its people read."""
    reason = request.form.get("reason", "")

    def command(row: EntryRow) -> str:
        end_by_staff(waiting_id, [row.office.id], reason, current_account().id)
        record("marriage.waiting_ended", SUBJECT_KIND, waiting_id, purpose=reason.strip() or None)
        return texts.ENDED

    return _act(waiting_id, command)


@waiting_desk.post("/<uuid:waiting_id>/answer")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def answer(waiting_id: uuid.UUID) -> AnyResponse:
    """What they said on the telephone of the place that is kept for them."""

    def command(row: EntryRow) -> str:
        if request.form.get("answer") == "accept":
            taken = accept_by_telephone(waiting_id, [row.office.id], current_account().id)
            record("marriage.waiting_accepted", SUBJECT_KIND, waiting_id)
            return texts.ACCEPTED.format(number=taken.number)
        pass_by_telephone(waiting_id, [row.office.id], current_account().id)
        record("marriage.waiting_passed", SUBJECT_KIND, waiting_id)
        return texts.PASSED

    return _act(waiting_id, command)


def _act(waiting_id: uuid.UUID, command: Callable[[EntryRow], str]) -> AnyResponse:
    row = _entry(waiting_id, Permission.DECIDE_APPOINTMENTS)
    try:
        with transaction():
            told = command(row)
    except AppError as refusal:
        again = _entry(waiting_id, Permission.DECIDE_APPOINTMENTS)
        return make_response(_render(again, refusal), refusal.status)
    say(told)
    return redirect(url_for("marriage_waiting_desk.entry", waiting_id=waiting_id), 303)


def _entry(waiting_id: uuid.UUID, permission: Permission) -> EntryRow:
    found = desk_queries.entry_row(current_nodes(permission), waiting_id)
    if found is None:
        abort(404)
    href = url_for("marriage_waiting_desk.entry", waiting_id=waiting_id)
    require_reason(SUBJECT_KIND, waiting_id, _watched(found), href)
    return found


def _watched(row: EntryRow) -> Sequence[bytes]:
    return [watch_index(number) for number in desk_queries.indexes_of(row)]


def _render(row: EntryRow, refusal: AppError | None = None) -> str:
    with transaction():
        events = desk_queries.events_of(row.entry.id)
        ahead = own_entry(row.entry.id, row.entry.person_id).ahead
        record_look(
            "marriage.waiting_viewed",
            SUBJECT_KIND,
            [row.entry.id],
            number_indexes=_watched(row),
            fields=(*_FIELDS, "phone"),
        )
    return render_template(
        "marriage/waiting/entry.html",
        row=row,
        phones=desk_queries.phones_of(row),
        events=events,
        ahead=ahead,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )


def _filter() -> Filter:
    given = request.args
    tab = given.get("tab", "")
    kind = given.get("kind", "")
    return Filter(
        Tab(tab) if tab in set(Tab) else Tab.OPEN,
        _id(given.get("office", "")),
        Kind(kind) if kind in set(_OFFERED_KINDS) else None,
        _day(given.get("day", "")),
    )


def _arguments(wanted: Filter) -> dict[str, str]:
    given = {
        "tab": wanted.tab.value,
        "office": str(wanted.office_id or ""),
        "kind": wanted.kind.value if wanted.kind else "",
        "day": wanted.day.isoformat() if wanted.day else "",
    }
    return {name: value for name, value in given.items() if value}


def _wish(form: Mapping[str, str]) -> ByTelephone:
    office_id, kind = _id(form.get("office", "")), form.get("kind", "")
    mine = {one.id for one in offices_of(current_nodes(Permission.DECIDE_APPOINTMENTS))}
    if office_id is None or office_id not in mine or kind not in set(_OFFERED_KINDS):
        raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"office": [texts.FALSE_CHOICE]})
    first = _day(form.get("first", ""))
    last = _day(form.get("last", "")) or first
    if first is None or last is None:
        raise AppError("invalid", texts.DAY_FORM, 422, errors={"first": [texts.DAY_FORM]})
    named = [(form.get(f"name_{place}", "").strip(), form.get(f"number_{place}", "").strip()) for place in (0, 1)]
    phone = form.get("phone", "").strip() or None
    parties = [PartyInput(name, number, phone=phone) for name, number in named if name or number]
    return ByTelephone(office_id, Kind(kind), first, last, parties)


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _render_form(values: Mapping[str, str], refusal: AppError | None = None) -> str:
    return render_template(
        "marriage/waiting/new.html",
        values=values,
        offices=offices_of(current_nodes(Permission.DECIDE_APPOINTMENTS)),
        kinds=_OFFERED_KINDS,
        today=today().isoformat(),
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )


def _waiting(limit: int) -> Sequence[Waiting]:
    """Half an hour is short: whoever was put in line on the telephone is telephoned at once."""
    if not may_here(Permission.DECIDE_APPOINTMENTS):
        return []
    found = []
    for row in desk_queries.offers_to_call(current_nodes(Permission.DECIDE_APPOINTMENTS), limit):
        until = row.until.astimezone(BEIJING)
        title = texts.WAITING_TITLE.format(
            moment=spoken_moment(row.starts_at), until=f"{spoken_day(until.date())}{until:%H:%M}"
        )
        href = url_for("marriage_waiting_desk.entry", waiting_id=row.entry_id)
        found.append(Waiting(texts.WAITING, title, href, row.since, row.until))
    return found


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        one.id: SubjectLink(texts.DESK_NAME, url_for("marriage_waiting_desk.entry", waiting_id=one.id))
        for one in desk_queries.entries_by_id(nodes, ids)
    }


waiting_console = ConsoleRoom(
    blueprint=waiting_desk,
    navigation=[
        NavEntry("marriage_waiting_desk.entries", texts.DESK_NAME, Permission.READ_APPOINTMENTS, NavGroup.SERVICES)
    ],
    waiting=_waiting,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: desk_queries.entries_of},
)
