"""Reading the form of an export: every fault is told beside its field."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from backend.console.exports import texts
from backend.console.exports.ask import Place, Wish
from backend.console.exports.definitions import Arguments, ExportDefinition
from backend.console.exports.rules import MOST_REASON, Format, ReasonKind
from backend.kernel.errors import AppError
from backend.staff.audit import clean_purpose

Choice = TypeVar("Choice", bound=StrEnum)


def read_wish(
    definition: ExportDefinition, arguments: Arguments, offered: Sequence[Place], form: MultiDict[str, str]
) -> Wish:
    """What somebody asks for of a list; raises `AppError` invalid with what is wrong by field."""
    columns = definition.chosen(form.getlist("columns"))
    chosen_format, reason_kind = _choice(Format, form.get("format")), _choice(ReasonKind, form.get("reason_kind"))
    place = _place(offered, form.get("place"))
    reason = " ".join(form.get("reason", "").split())
    errors: dict[str, list[str]] = {}
    if not columns:
        errors["columns"] = [texts.COLUMNS_MISSING]
    if chosen_format is None:
        errors["format"] = [texts.FORMAT_MISSING]
    if place is None:
        errors["place"] = [texts.PLACE_MISSING]
    if reason_kind is None:
        errors["reason_kind"] = [texts.REASON_KIND_MISSING]
    if faults := _reason_faults(reason):
        errors["reason"] = faults
    if errors or chosen_format is None or place is None or reason_kind is None:
        raise AppError("invalid", texts.FORM_FAULTY, 422, errors=errors)
    return Wish(arguments, columns, chosen_format, reason_kind, reason, place)


def _reason_faults(reason: str) -> list[str]:
    """The reason stands in the audit trail, in the file and before the second person: it holds no numbers of people."""
    if len(reason) > MOST_REASON:
        return [texts.REASON_LONG.format(most=MOST_REASON)]
    try:
        clean_purpose(reason)
    except AppError as refusal:
        return refusal.errors["purpose"]
    return []


def _place(offered: Sequence[Place], chosen: str | None) -> Place | None:
    if len(offered) == 1:
        return offered[0]
    return next((place for place in offered if str(place.id) == chosen), None)


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None
