"""Use case `give_phone`: a resident leaves a mobile number (level 1, domain-rules §6.2)."""

from __future__ import annotations

import uuid

from backend.people.events import note
from backend.people.identities import person_of
from backend.people.joining import lock_persons
from backend.people.models import Person
from backend.people.reading import read_phone
from backend.people.rules import Level, PersonEventName
from backend.storage import atomic


def give_phone(identity_id: uuid.UUID, text: str) -> None:
    """Keep the number of whoever uses a WeChat identity; only its form is checked. Giving it again changes nothing.

    Raises `AppError` invalid.
    """
    phone = read_phone(text)
    with atomic() as db:
        person_id = person_of(identity_id)
        lock_persons([person_id])
        person = db.get_one(Person, person_id, populate_existing=True)
        if person.phone == phone:
            return
        person.phone = phone
        person.level = max(person.level, Level.PHONE.value)
        db.flush()
        note(person_id, PersonEventName.PHONE_GIVEN)
