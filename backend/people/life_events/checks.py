"""Whether something can have happened to a person, as it is reported and as things stand."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Protocol

from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.kernel.identity import tells_a_number
from backend.kernel.names import clean_name
from backend.people.life_events import texts
from backend.people.life_events.rules import SOURCES, EventKind, Source, day_fault
from backend.people.models import Person
from backend.people.reading import name_fault


class Reported(Protocol):
    """What is looked at in a report."""

    @property
    def kind(self) -> EventKind: ...
    @property
    def source(self) -> Source: ...
    @property
    def effective_on(self) -> date: ...
    @property
    def reason(self) -> str: ...
    @property
    def community_id(self) -> uuid.UUID | None: ...
    @property
    def name(self) -> str | None: ...


def refuse_report(report: Reported) -> None:
    """Raise one `AppError` invalid for everything that is wrong with a report, whoever it is about."""
    errors: dict[str, list[str]] = {}
    if report.source not in SOURCES[report.kind]:
        errors["source"] = [texts.SOURCE_WRONG]
    if not report.reason.strip():
        errors["reason"] = [texts.REASON_MISSING]
    elif tells_a_number(report.reason):
        errors["reason"] = [texts.REASON_HAS_NUMBER]
    if report.kind is EventKind.MOVED and report.community_id is None:
        errors["community_id"] = [texts.COMMUNITY_MISSING]
    if report.kind is EventKind.NAME_CORRECTED and (fault := name_fault(clean_name(report.name or ""))):
        errors["name"] = [fault]
    if errors:
        raise _invalid(errors)


def require_possible(person: Person, report: Reported) -> None:
    """Raise `AppError` invalid or state_conflict for what cannot have happened to this person."""
    if person.id_number_index is None:
        raise AppError("state_conflict", texts.NOT_VERIFIED, 409)
    fault = day_fault(report.kind, report.effective_on, today=today(), born=person.birth_date)
    if fault is not None:
        raise _invalid({"effective_on": [texts.DAY_FAULTS[fault]]})
    if report.kind is EventKind.DEATH_REVERSED:
        if person.died_on is None:
            raise AppError("state_conflict", texts.NOT_RECORDED_DEAD, 409)
    elif person.died_on is not None:
        already = report.kind is EventKind.DEATH
        raise AppError("state_conflict", texts.RECORDED_DEAD_ALREADY if already else texts.IS_DEAD, 409)
    if report.kind is EventKind.MOVED and person.community_id == report.community_id:
        raise _invalid({"community_id": [texts.COMMUNITY_SAME]})
    if report.kind is EventKind.NAME_CORRECTED and person.name == clean_name(report.name or ""):
        raise _invalid({"name": [texts.NAME_SAME]})


def _invalid(errors: dict[str, list[str]]) -> AppError:
    sentence = "\n".join(sentence for sentences in errors.values() for sentence in sentences)
    return AppError("invalid", sentence, 422, errors=errors)
