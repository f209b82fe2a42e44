"""The blueprint of the pages on people and powers, and what their views share."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from flask import request

from backend.console.blueprint import console_blueprint
from backend.console.guard import say
from backend.console.staff_pages import texts
from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.staff.texts import NODE_KIND_NAMES, ROLE_NAMES, ROLE_SENTENCES

desk = console_blueprint("staff_desk", "backend.console", "/console/staff")

Choice = TypeVar("Choice", bound=StrEnum)
Chosen = TypeVar("Chosen")


@desk.context_processor
def _names() -> dict[str, object]:
    return {
        "ROLE_NAMES": ROLE_NAMES,
        "ROLE_SENTENCES": ROLE_SENTENCES,
        "NODE_KIND_NAMES": NODE_KIND_NAMES,
        "STATES": texts.STATES,
        "APPROVAL_STATES": texts.APPROVAL_STATES,
        "last_day": last_day,
    }


def say_why(refusal: AppError) -> None:
    """Tell a refusal with all that is wrong by field, on the page that follows."""
    sentences = [sentence for given in refusal.errors.values() for sentence in given]
    say(" ".join(dict.fromkeys([refusal.user_text, *sentences])), "problem")


def last_day(ends_at: datetime) -> date:
    """The last day on which something that ends before `ends_at` still holds."""
    return (ends_at.astimezone(BEIJING) - timedelta(microseconds=1)).date()


def choice_in(values: Mapping[str, str], name: str, kind: type[Choice]) -> Choice | None:
    """A chosen member of an enumeration, None for none; raises `AppError` invalid."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise AppError("invalid", texts.BAD_CHOICE, 422, errors={name: [texts.BAD_CHOICE]}) from None


def id_in(values: Mapping[str, str], name: str) -> uuid.UUID | None:
    """A chosen row's id, None for none; raises `AppError` invalid."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise AppError("invalid", texts.BAD_CHOICE, 422, errors={name: [texts.BAD_CHOICE]}) from None


def day_in(name: str) -> date | None:
    """A day of the form, None for none; raises `AppError` invalid."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError("invalid", texts.BAD_DAY, 422, errors={name: [texts.BAD_DAY]}) from None


def needed(chosen: Chosen | None, name: str) -> Chosen:
    """What must be chosen; raises `AppError` invalid for nothing."""
    if chosen is None:
        raise AppError("invalid", texts.BAD_CHOICE, 422, errors={name: [texts.BAD_CHOICE]})
    return chosen
