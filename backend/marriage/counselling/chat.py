"""What conversations may ask about counselling: `workflows.chat.counselling_ports.CounsellingPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.counselling import queries, texts
from backend.marriage.counselling.book import CounsellingWish, book_counselling, is_proven_minor
from backend.marriage.counselling.callbacks import raise_callback
from backend.marriage.counselling.change import cancel_counselling, move_counselling
from backend.marriage.counselling.h5 import place_of
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.offers import ways_of
from backend.marriage.counselling.parameters import horizon_days
from backend.marriage.counselling.risk import is_unsafe_together
from backend.marriage.counselling.rules import Matter, SessionState, Way
from backend.marriage.models import Via
from backend.marriage.offices import office, offices
from backend.people.models import Person
from backend.people.rules import Level
from backend.storage import atomic, transaction
from workflows.chat.counselling_ports import Contact, CounsellingAnswers, CounsellingPlace, OwnCounselling
from workflows.chat.ports import Refused
from workflows.chat.understanding.crisis import read_crisis


class CounsellingChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def own(self) -> OwnCounselling | None:
        """The talk that lies ahead or is going on."""
        row = queries.coming_session(self.person_id)
        return None if row is None else _own(row)

    def places(self, matter: str) -> Sequence[CounsellingPlace]:
        """Where somebody can be met about a matter."""
        ways = ways_of(Matter(matter))
        return [
            CounsellingPlace(str(one.id), one.name, tuple(way.value for way in ways[one.id]))
            for one in offices()
            if one.id in ways
        ]

    def times(self, matter: str, office_id: str, way: str, first: date, last: date, limit: int) -> Sequence[datetime]:
        """The first free times between two days; a longer stretch is cut."""
        until = min(last, first + timedelta(days=queries.MOST_DAYS))
        found = queries.times(uuid.UUID(office_id), Matter(matter), Way(way), first, max(first, until))
        return [one.starts_at for one in found[:limit]]

    def last_day(self, office_id: str) -> date:
        """The farthest day that can be booked."""
        place = office(uuid.UUID(office_id))
        return today() + timedelta(days=horizon_days(place.code) if place else 0)

    def contact(self) -> Contact | None:
        """First syllable of the name and the telephone of whoever has proven who they are."""
        with transaction() as db:
            person = db.scalars(
                sa.select(Person).where(Person.id == self.person_id, Person.level >= Level.VERIFIED.value)
            ).one_or_none()
            if person is None or not person.name or not person.phone:
                return None
            title = None if person.sex is None else texts.TITLES[person.sex]
            return Contact(f"{person.name[0]}{title}" if title else person.name[:20], person.phone)

    def is_minor(self, starts_at: datetime) -> bool | None:
        """Whether the person is younger than eighteen then."""
        with transaction():
            return is_proven_minor(self.person_id, starts_at)

    def may_come_together(self) -> Refused | None:
        """Why two cannot come together."""
        with transaction():
            if not is_unsafe_together(self.person_id):
                return None
        phone = next((one.phone for one in offices()), "")
        return Refused("come_alone", texts.COME_ALONE.format(phone=phone))

    def tell_of_danger(self, office_id: str, contact: Contact, words: str) -> str:
        """Where help is, and a call back."""
        crisis = read_crisis(words)
        if crisis is None:
            return ""
        raise_callback(uuid.UUID(office_id), self.person_id, crisis, (contact.name, contact.phone))
        return texts.SAFETY

    def book(self, answers: CounsellingAnswers) -> OwnCounselling | Refused:
        """Book a talk."""
        wish = CounsellingWish(
            office_id=uuid.UUID(answers.office_id),
            matter=Matter(answers.matter),
            way=Way(answers.way),
            starts_at=answers.starts_at,
            name=answers.contact.name,
            phone=answers.contact.phone,
            person_id=self.person_id,
            via=Via.CHAT,
            together=answers.together,
            minor=answers.minor,
            guardian=answers.guardian,
            about=answers.about,
        )
        return self._done(lambda: book_counselling(wish))

    def move(self, session_id: str, starts_at: datetime) -> OwnCounselling | Refused:
        """Move it."""
        return self._done(lambda: move_counselling(uuid.UUID(session_id), starts_at, self.person_id))

    def cancel(self, session_id: str) -> Refused | None:
        """Give it up."""
        done = self._done(lambda: cancel_counselling(uuid.UUID(session_id), self.person_id))
        return done if isinstance(done, Refused) else None

    def _done(self, act: Callable[[], CounsellingSession]) -> OwnCounselling | Refused:
        try:
            with atomic():
                row = act()
        except AppError as error:
            return Refused(error.code, error.user_text)
        return _own(queries.own_session(row.id, self.person_id))


def _own(row: CounsellingSession) -> OwnCounselling:
    profession = queries.professions_of([row.counsellor_id])[row.counsellor_id]
    return OwnCounselling(
        id=str(row.id),
        number=row.number,
        matter=row.matter.value,
        office_id=str(row.office_id),
        way=row.way.value,
        starts_at=row.starts_at,
        place=place_of(row),
        who=f"{row.counsellor.name}（{texts.PROFESSION_NAMES[profession]}）",
        together=row.together,
        changeable=row.state is SessionState.BOOKED and row.starts_at > now(),
        link=row.link or "",
    )
