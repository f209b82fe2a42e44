"""What conversations may ask about one's own data: `workflows.chat.ports.RightsPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from backend.kernel.errors import AppError
from backend.people.rights import texts
from backend.people.rights.answers import ask_for_oneself
from backend.people.rights.consent import choose, consents
from backend.people.rights.holdings import collect, kept_of
from backend.people.rights.models import RightsRequest
from backend.people.rights.notice import current_notice, rules_url
from backend.people.rights.requests import number_of, own_requests
from backend.people.rights.rules import OPEN_STATES, RequestKind, Via
from workflows.chat.ports import AskedRequest, ClosedAccount, HeldData, OptionalUse, Refused

_LISTED = 3


class RightsChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def rules_url(self) -> str:
        """Where the privacy rules are."""
        return rules_url()

    def held(self) -> Sequence[HeldData]:
        """What is held, room by room."""
        return [
            HeldData(room.title, sum(len(section.records) for section in room.sections))
            for room in collect(self.person_id)
        ]

    def uses(self) -> Sequence[OptionalUse]:
        """What is optional, and how the person stands to it."""
        return [
            OptionalUse(consent.purpose.key, consent.purpose.title, consent.purpose.text, consent.given)
            for consent in consents(self.person_id)
        ]

    def choose(self, key: str, given: bool) -> None:
        """Give or withdraw consent on the rules in force, whose address the conversation has said."""
        choose(self.person_id, key, given=given, version=current_notice().version, via=Via.CHAT)

    def requests(self) -> Sequence[AskedRequest]:
        """The newest requests."""
        return [_asked(request) for request in own_requests(self.person_id, None, _LISTED)]

    def ask_correction(self, words: str) -> AskedRequest | Refused:
        """Have something corrected."""
        return self._ask(RequestKind.CORRECT, words)

    def make_copy(self) -> AskedRequest | Refused:
        """Make a copy of everything held."""
        return self._ask(RequestKind.EXPORT, "")

    def under_way(self) -> Sequence[str]:
        """What is kept because it is not finished."""
        return [kept.title for kept in kept_of(self.person_id) if kept.until is None]

    def close_account(self) -> ClosedAccount | Refused:
        """Close the account."""
        try:
            request = ask_for_oneself(self.person_id, RequestKind.CLOSE_ACCOUNT, "", Via.CHAT, confirmed=True)
        except AppError as error:
            return Refused(error.code, error.user_text)
        kept = [
            f"{kept['title']}（{texts.until(kept['until'] and date.fromisoformat(kept['until']))}）"
            for kept in request.outcome["kept"]
        ]
        return ClosedAccount(number_of(request), tuple(kept))

    def _ask(self, kind: RequestKind, words: str) -> AskedRequest | Refused:
        try:
            return _asked(ask_for_oneself(self.person_id, kind, words, Via.CHAT, confirmed=False))
        except AppError as error:
            return Refused(error.code, error.user_text)


def _asked(request: RightsRequest) -> AskedRequest:
    return AskedRequest(
        number_of(request),
        texts.KIND_NAMES[request.kind],
        texts.STATE_NAMES[request.state],
        request.due_on,
        request.state in OPEN_STATES,
    )
