"""窗口登记: what a person, a lawyer or an institution asks for at the counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.marriage.archive import desk_queries, texts
from backend.marriage.archive.ask import CounterAsk, enter_at_counter
from backend.marriage.archive.asking import Authority, Subject, Wanted
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_filters import read_choice, read_id
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import SUBJECT_KIND
from backend.marriage.archive.rules import ApplicantKind, Registration, Sought
from backend.marriage.models import Office
from backend.staff import Permission, record
from backend.staff.audit import watch_index
from backend.storage import transaction

_LONGEST = 250


@archive_desk.get("/archive/new")
@access(Caller.STAFF, Permission.WORK_ARCHIVE)
def enter_form() -> str:
    """The empty form."""
    return _render(MultiDict())


@archive_desk.post("/archive/new")
@access(Caller.STAFF, Permission.WORK_ARCHIVE)
def enter() -> AnyResponse:
    """Enter the request."""
    form = request.form
    try:
        with transaction():
            asked = _asked(form)
            made = enter_at_counter(asked, current_account().id)
            indexes = [watch_index(made.applicant_number)] if made.applicant_number else []
            record("archive.entered", SUBJECT_KIND, made.id, number_indexes=indexes)
    except AppError as refusal:
        return make_response(_render(form, refusal), refusal.status)
    say(_told(made))
    return redirect(url_for("archive_desk.one_request", archive_request_id=made.id), 303)


def _told(made: ArchiveRequest) -> str:
    return texts.ENTERED.format(number=made.number, day=spoken_day(made.due_on))


def _asked(form: Mapping[str, str]) -> CounterAsk:
    office_id = read_id(form.get("office"))
    if office_id not in {office.id for office in _offices()} or office_id is None:
        raise AppError("not_found", texts.OFFICE_UNKNOWN, 404, errors={"office": [texts.OFFICE_UNKNOWN]})
    kind = read_choice(ApplicantKind, form.get("kind")) or ApplicantKind.SELF
    return CounterAsk(
        office_id,
        Authority(kind, _text(form, "authority"), _text(form, "reason")),
        _wanted(form),
        _text(form, "name"),
        _text(form, "id_number"),
        read_choice(IdType, form.get("id_type")) or IdType.RESIDENT_IDENTITY_CARD,
        _text(form, "phone"),
    )


def _wanted(form: Mapping[str, str]) -> Wanted:
    first = _year(form, "first_year")
    return Wanted(
        sought=read_choice(Sought, form.get("sought")) or Sought.MARRIAGE_RECORD,
        subjects=[_subject(form, place) for place in (0, 1)],
        first_year=first or 0,
        last_year=_year(form, "last_year") or first or 0,
        registration=_registration(form),
        registered_at=_text(form, "registered_at"),
        certificate=_text(form, "certificate"),
        without_number="without_number" in form,
    )


def _registration(form: Mapping[str, str]) -> Registration | None:
    """Asked for only where what is wanted does not say it."""
    sought = read_choice(Sought, form.get("sought"))
    given = read_choice(Registration, form.get("registration"))
    return given if sought in (Sought.RECORD_PROOF, Sought.REISSUE_CHECK) else None


def _subject(form: Mapping[str, str], place: int) -> Subject:
    def text(name: str) -> str:
        return _text(form, f"subjects.{place}.{name}")

    return Subject(
        text("name"),
        text("id_number"),
        text("former_name"),
        _year(form, f"subjects.{place}.birth_year"),
        text("native_place"),
        text("work_unit"),
    )


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").strip()[:_LONGEST]


def _year(form: Mapping[str, str], name: str) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        told = texts.YEAR_UNREADABLE
        raise AppError("invalid", told, 422, errors={name: [told]})
    return int(text)


def _offices() -> Sequence[Office]:
    return desk_queries.offices_of(current_nodes(Permission.WORK_ARCHIVE))


def _render(values: Mapping[str, str], refusal: AppError | None = None) -> str:
    return render_template(
        "archive/new.html",
        values=values,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        offices=_offices(),
        kinds=list(ApplicantKind),
        soughts=list(Sought),
        registrations=list(Registration),
    )
