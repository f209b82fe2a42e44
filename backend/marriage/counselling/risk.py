"""Whether two may be seen together: never while violence stands against one of them (E9, §2.6).

Nobody is told why. The person asking may be the one who must not know that the other spoke.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.divorce.models import DivorceParty
from backend.marriage.models import Party
from backend.people.models import Person
from backend.people.rules import Level
from backend.storage import session


def is_unsafe_together(person_id: uuid.UUID) -> bool:
    """Whether a flag stands on a person or on the other one of their couple, as far as it is known who that is.

    Who the other one is, is known from an application or an appointment of both, for persons who have proven their
    number.
    """
    own = session().scalar(
        sa.select(Person.id_number_index).where(Person.id == person_id, Person.level >= Level.VERIFIED.value)
    )
    couple = {own, *_partners(own)} - {None} if own else set()
    persons = sa.select(Person.id).where(Person.id_number_index.in_(couple))
    told_here = sa.exists().where(
        CounsellingSession.at_risk,
        sa.or_(CounsellingSession.person_id == person_id, CounsellingSession.person_id.in_(persons)),
    )
    told_at_desk = sa.exists().where(DivorceParty.at_risk, DivorceParty.id_number_index.in_(couple))
    return bool(session().scalar(sa.select(sa.or_(told_here, told_at_desk))))


def _partners(own: bytes) -> set[bytes | None]:
    """The numbers of whoever has stood beside a person."""
    mine, theirs = aliased(DivorceParty), aliased(DivorceParty)
    in_cases = (
        sa.select(theirs.id_number_index)
        .join(mine, mine.case_id == theirs.case_id)
        .where(mine.id_number_index == own, theirs.position != mine.position)
    )
    me, other = aliased(Party), aliased(Party)
    in_appointments = (
        sa.select(other.id_number_index)
        .join(me, me.appointment_id == other.appointment_id)
        .where(me.id_number_index == own, other.position != me.position)
    )
    return {*session().scalars(sa.union(in_cases, in_appointments))}
