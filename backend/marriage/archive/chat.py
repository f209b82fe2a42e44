"""What conversations may ask of the archive: `workflows.chat.archive_port.ArchivePort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.archive import texts
from backend.marriage.archive.answer import answer, withdraw
from backend.marriage.archive.ask import OnlineAsk, ask_online, needed_level
from backend.marriage.archive.asking import Authority, Subject, Wanted
from backend.marriage.archive.queries import OwnRequest, own_requests
from backend.marriage.archive.rules import OPEN_STATES, ApplicantKind, ArchiveState, Registration, Sought, Via
from backend.marriage.archive.visit import book_visit
from backend.marriage.chat import office_choice, refused
from backend.marriage.models import Via as BookedVia
from backend.marriage.offices import OfficeView, offices
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import no_show_from
from backend.people import require_level
from backend.storage import atomic
from workflows.chat.archive_port import ArchiveWish, AskedArchive, OwnArchive
from workflows.chat.ports import BookedPlace, Refused, TimeChoice

_LOOKED_AT = 10


class ArchiveChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def may_ask(self, applicant: str) -> Refused | None:
        """Whether they have proven enough to ask as such an applicant, at the registry that asks for most."""
        levels = [needed_level(ApplicantKind(applicant), place.code) for place in offices()]
        return _refused(lambda: require_level(self.person_id, max(levels))) if levels else None

    def ask(self, wish: ArchiveWish) -> AskedArchive | Refused:
        """Ask for a record."""
        try:
            with atomic():
                made = ask_online(_asked(wish, self.person_id))
        except AppError as error:
            return Refused(error.code, error.user_text)
        return AskedArchive(made.number, made.due_on, made.due_provisional)

    def own(self) -> Sequence[OwnArchive]:
        """Those under way, newest first; without one the last."""
        rows = own_requests(self.person_id, None, _LOOKED_AT)
        under_way = [row for row in rows if row.state in OPEN_STATES]
        return [_own(row) for row in under_way or rows[:1]]

    def answer(self, request_id: str, words: str) -> Refused | None:
        """Answer the one question."""
        return _refused(lambda: answer(uuid.UUID(request_id), words, self.person_id))

    def withdraw(self, request_id: str) -> Refused | None:
        """Take it back."""
        return _refused(lambda: withdraw(uuid.UUID(request_id), self.person_id))

    def book(self, request_id: str, slot_id: str) -> BookedPlace | Refused:
        """Book the visit."""
        try:
            with atomic():
                booked = book_visit(uuid.UUID(request_id), uuid.UUID(slot_id), self.person_id, BookedVia.CHAT)
        except AppError as error:
            return refused(error)
        slot = booked.slot
        time = TimeChoice(str(slot.id), office_choice(booked.office), slot.starts_at, slot.ends_at, slot.free)
        check_in_by = no_show_from(slot.starts_at, booking_rules(booked.office.code, now()))
        return BookedPlace(booked.number, time, check_in_by)


def _refused(act: Callable[[], object]) -> Refused | None:
    try:
        with atomic():
            act()
    except AppError as error:
        return Refused(error.code, error.user_text)
    return None


def _asked(wish: ArchiveWish, person_id: uuid.UUID) -> OnlineAsk:
    first, *others = wish.names
    helps = (wish.former_name or None, wish.birth_year, wish.native_place or None, wish.work_unit or None)
    subject = Subject(first, None, *helps)
    return OnlineAsk(
        person_id=person_id,
        office_id=uuid.UUID(wish.office_id),
        authority=Authority(ApplicantKind(wish.applicant), wish.proof or None, wish.reason or None),
        wanted=Wanted(
            sought=Sought(wish.sought),
            subjects=[subject, *(Subject(name) for name in others)],
            first_year=wish.first_year,
            last_year=wish.last_year,
            registration=Registration(wish.registration),
            registered_at=wish.place or None,
            certificate=wish.certificate or None,
        ),
        via=Via.CHAT,
    )


def _own(row: OwnRequest) -> OwnArchive:
    place = row.office
    return OwnArchive(
        id=str(row.id),
        number=row.number,
        state_name=texts.STATE_NAMES[row.state],
        sought_name=texts.SOUGHT_TOLD[row.sought],
        next_step=row.next_step,
        open=row.state in OPEN_STATES,
        waits_for_answer=row.state is ArchiveState.NEED_MORE,
        bookable=row.bookable,
        visit=spoken_moment(row.visit.starts_at) if row.visit else "",
        office=office_choice(OfficeView(place.id, place.code, place.name, place.address, place.phone)),
    )
