"""The rooms behind the conversations' ports, for one person."""

from __future__ import annotations

import uuid

from backend.chat.people import PeopleChat
from backend.chat.rights import RightsChat
from backend.marriage.archive.chat import ArchiveChat
from backend.marriage.ceremonies.chat import CeremonyChat
from backend.marriage.chat import MarriageChat
from backend.marriage.counselling.chat import CounsellingChat
from backend.marriage.divorce.chat import DivorceChat
from backend.marriage.planning.chat import MovesChat
from backend.marriage.rushes.chat import RushChat
from backend.marriage.waitlist.chat import WaitingChat
from workflows.chat.ports import Ports


def ports_for(person_id: uuid.UUID) -> Ports:
    """Everything conversations of this person may reach."""
    return Ports(
        marriage=MarriageChat(person_id),
        people=PeopleChat(person_id),
        rights=RightsChat(person_id),
        divorce=DivorceChat(person_id),
        waiting=WaitingChat(person_id),
        ceremony=CeremonyChat(person_id),
        moves=MovesChat(person_id),
        archive=ArchiveChat(person_id),
        counselling=CounsellingChat(person_id),
        rush=RushChat(person_id),
    )
