"""Use case `book_counselling`: a talk for somebody who wishes for one (M12): voluntary, free, nothing asked but a name.

What they write is for the counsellor alone. Words that tell of danger never stand in the way: they are booked, shown
where help is, and called back.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import BEIJING, now
from backend.kernel.crisis import Crisis
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.kernel.names import clean_name
from backend.marriage.counselling import texts
from backend.marriage.counselling.callbacks import raise_callback
from backend.marriage.counselling.history import move
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.notices import plan, tell
from backend.marriage.counselling.numbers import session_number
from backend.marriage.counselling.places import Taken, take_time
from backend.marriage.counselling.risk import is_unsafe_together
from backend.marriage.counselling.rules import TOGETHER, Matter, SessionState, Way, is_minor
from backend.marriage.models import Office, Via
from backend.people.life_events import require_living
from backend.people.models import Person
from backend.people.reading import clean_phone, is_phone
from backend.storage import atomic, broken_constraint, session
from workflows.chat.understanding.crisis import read_crisis

NAME_CHARACTERS, ABOUT_CHARACTERS = 20, 500


@dataclass(frozen=True)
class CounsellingWish:
    """What somebody asks for. `together`: the other one comes along; `minor`: whoever comes is not eighteen yet."""

    office_id: uuid.UUID
    matter: Matter
    way: Way
    starts_at: datetime
    name: str = field(repr=False)
    phone: str = field(repr=False)
    person_id: uuid.UUID
    via: Via
    together: bool = False
    minor: bool = False
    guardian: str = field(default="", repr=False)
    about: str = field(default="", repr=False)
    counsellor_id: uuid.UUID | None = None


def book_counselling(asked: CounsellingWish) -> CounsellingSession:
    """Book a talk with a counsellor who is free then, and a room for it where it is on site.

    Raises `AppError`: not_found (office), invalid (fields by name), come_alone, slot_full with the nearest free times,
    already_booked, counter_needed.
    """
    with atomic() as db:
        require_living(asked.person_id)
        office = db.get(Office, asked.office_id)
        if office is None:
            raise AppError("not_found", texts.OFFICE_UNKNOWN, 404)
        wish, crisis = _checked(asked), read_crisis(asked.about)
        if wish.together and is_unsafe_together(wish.person_id):
            raise AppError("come_alone", texts.COME_ALONE.format(phone=office.phone), 409)
        if crisis is Crisis.VIOLENCE:
            wish = replace(wish, together=False)
        try:
            with atomic():
                taken = take_time(office, wish.matter, wish.way, wish.starts_at, wish.counsellor_id)
                row = write_session(wish, taken, at_risk=crisis is Crisis.VIOLENCE)
        except sa.exc.IntegrityError as error:
            if broken_constraint(error) != "uq_counselling_sessions_one_booked":
                raise
            raise AppError("already_booked", texts.ALREADY, 409) from None
        if crisis is not None:
            raise_callback(office.id, wish.person_id, crisis, (wish.name, wish.phone), row.id)
        tell("marriage.counselling_booked", row)
        plan(row)
        return row


def write_session(wish: CounsellingWish, taken: Taken, *, at_risk: bool) -> CounsellingSession:
    """Write a session for which the time is taken, with its first event; nobody is told."""
    row = CounsellingSession(
        id=new_id(),
        number=session_number(),
        office_id=wish.office_id,
        person_id=wish.person_id,
        counsellor_id=taken.counsellor_id,
        booking_id=taken.booking_id,
        room_id=taken.room_id,
        room_booking_id=taken.room_booking_id,
        matter=wish.matter,
        way=wish.way,
        together=wish.together,
        minor=wish.minor,
        at_risk=at_risk,
        starts_at=taken.starts_at,
        ends_at=taken.ends_at,
        state=SessionState.BOOKED,
        via=wish.via,
        created_at=now(),
        changed_at=now(),
    )
    row.name, row.phone = wish.name, wish.phone
    row.guardian, row.about = wish.guardian or None, wish.about or None
    session().add(row)
    session().flush()
    move(row, "booked", SessionState.BOOKED, Actor("resident", wish.person_id))
    return row


def is_proven_minor(person_id: uuid.UUID, moment: datetime) -> bool | None:
    """Whether somebody is younger than eighteen on the day of a moment; None where nobody has proven it."""
    born = session().scalar(sa.select(Person.birth_date).where(Person.id == person_id))
    return None if born is None else is_minor(born, moment.astimezone(BEIJING).date())


def _checked(asked: CounsellingWish) -> CounsellingWish:
    """The wish with its words cleaned; raises `AppError` invalid for all that is wrong with it."""
    errors: dict[str, list[str]] = defaultdict(list)
    name, phone = clean_name(asked.name), clean_phone(asked.phone)
    guardian, about = clean_name(asked.guardian), asked.about.strip()
    minor = asked.minor or bool(is_proven_minor(asked.person_id, asked.starts_at))
    if not 0 < len(name) <= NAME_CHARACTERS or any(character.isdigit() for character in name):
        errors["name"].append(texts.NAME_FORM)
    if not is_phone(phone):
        errors["phone"].append(texts.PHONE_FORM)
    if (minor and not guardian) or len(guardian) > NAME_CHARACTERS:
        errors["guardian"].append(texts.GUARDIAN_FORM)
    if len(about) > ABOUT_CHARACTERS and read_crisis(about) is None:
        errors["about"].append(texts.ABOUT_FORM)
    if asked.together and asked.matter not in TOGETHER:
        errors["together"].append(texts.NOT_TOGETHER)
    if errors:
        told = "\n".join(sentence for sentences in errors.values() for sentence in sentences)
        raise AppError("invalid", told, 422, errors=errors)
    guardian = guardian if minor else ""
    return replace(asked, name=name, phone=phone, minor=minor, guardian=guardian, about=about[:ABOUT_CHARACTERS])
