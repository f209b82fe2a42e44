"""What is held about a person in ceremonies and events: told whole; it goes with the appointment it hangs on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.chinese_dates import spoken_date, spoken_moment
from backend.kernel.personal_data import Holding, Section
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import is_theirs
from backend.marriage.ceremonies.models import (
    Ceremony,
    CeremonyEvent,
    CloudCeremony,
    CloudConsent,
    GroupEntry,
    GroupEntryEvent,
)
from backend.marriage.models import Appointment
from backend.storage import session


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    return [Section(texts.HELD, [*_ceremonies(person_id), *_entries(person_id)], texts.HELD_KEPT)]


def _ceremonies(person_id: uuid.UUID) -> list[Mapping[str, str]]:
    query = (
        sa.select(Ceremony)
        .join(Appointment, Appointment.id == Ceremony.appointment_id)
        .where(is_theirs(person_id))
        .options(joinedload(Ceremony.venue), joinedload(Ceremony.office))
        .order_by(Ceremony.created_at)
    )
    found = session().scalars(query).all()
    consents = _consents(person_id, [row.id for row in found])
    return [
        {
            texts.L_NUMBER: row.number,
            texts.L_WHAT: texts.MATTER,
            texts.L_WHEN: spoken_moment(row.starts_at),
            texts.L_WHERE: f"{row.office.name} {row.venue.name}",
            texts.L_STATE: texts.STATE_NAMES[row.state],
        }
        | ({texts.L_CLOUD: consents[row.id]} if row.id in consents else {})
        for row in found
    ]


def _consents(person_id: uuid.UUID, ceremony_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """One's own words, never the other one's."""
    query = (
        sa.select(CloudCeremony.ceremony_id, CloudConsent.given, CloudConsent.at)
        .join(CloudConsent, CloudConsent.cloud_id == CloudCeremony.id)
        .where(CloudCeremony.ceremony_id.in_(ceremony_ids), CloudConsent.person_id == person_id)
        .order_by(CloudConsent.id)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for row in session().execute(query):
        word = f"{spoken_date(row.at.date())} {texts.YES if row.given else texts.NO}"
        found.setdefault(row.ceremony_id, []).append(word)
    return {ceremony_id: "；".join(words) for ceremony_id, words in found.items()}


def _entries(person_id: uuid.UUID) -> list[Mapping[str, str]]:
    query = (
        sa.select(GroupEntry)
        .join(Appointment, Appointment.id == GroupEntry.appointment_id)
        .where(is_theirs(person_id))
        .options(joinedload(GroupEntry.event))
        .order_by(GroupEntry.created_at)
    )
    return [
        {
            texts.L_NUMBER: row.number,
            texts.L_WHAT: row.event.title,
            texts.L_WHEN: spoken_moment(row.event.starts_at),
            texts.L_WHERE: row.event.place,
            texts.L_STATE: texts.ENTRY_STATES[row.state],
        }
        for row in session().scalars(query)
    ]


def _erase(_person_id: uuid.UUID) -> Mapping[str, int]:
    """All of it hangs on an appointment of the couple's, and goes with it when its time comes."""
    return {}


ceremonies_holding = Holding(
    name="ceremonies",
    title=texts.HELD,
    tables=frozenset(
        table.__tablename__
        for table in (Ceremony, CeremonyEvent, CloudCeremony, CloudConsent, GroupEntry, GroupEntryEvent)
    ),
    collect=_collect,
    erase=_erase,
)
