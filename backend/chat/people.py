"""What the people room offers conversations: `workflows.chat.ports.PeoplePort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.masking import mask_name, mask_number
from backend.people import Level, person_view, require_level
from backend.people.binding import ask_code
from backend.people.entry.typed import read_typed_code, use_typed_code
from backend.people.identities import any_identity
from backend.people.life_events import require_living
from backend.people.proxies import rules
from backend.people.proxies.answer import confirm_as_principal, confirm_by_code, count_try, decline
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.cut import cut
from backend.people.proxies.notices import matters
from backend.people.proxies.principals import relation_name
from backend.people.proxies.queries import TieView, active_ties, acts_of
from backend.people.proxies.rules import Relation, TieState
from backend.people.proxies.texts import STATE_NAMES, YOURS
from backend.people.reading import read_claim
from workflows.chat.ports import CodeMeaning, Refused, ScopeChoice, TieSummary

ACTS_SHOWN = 6


class PeopleChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def may_ask(self) -> Refused | None:
        """Whether the person is verified, for helpers have to be."""

        def check() -> None:
            require_living(self.person_id)
            require_level(self.person_id, Level.VERIFIED)

        return _tried(check)

    def scopes(self) -> Sequence[ScopeChoice]:
        """Services in which one can act for another."""
        return [ScopeChoice(name, label) for name, label in rules.scopes().items()]

    def check_principal(self, name: str, number: str) -> str | Refused:
        """Name and number masked, when both can be right."""
        try:
            claim = read_claim(name, IdType.RESIDENT_IDENTITY_CARD, number)
        except AppError as error:
            return _refused(error)
        return f"{mask_name(claim.name)}（{mask_number(claim.identity.number)}）"

    def ask(self, name: str, number: str, relation: str, scopes: Sequence[str]) -> Refused | None:
        """Ask to act for somebody."""
        wish = Wish(name, number, Relation(relation), tuple(scopes))
        return _tried(lambda: ask_proxy(self.person_id, wish))

    def ties(self) -> Sequence[TieSummary]:
        """Ties that wait or hold."""
        return [_summary(view) for view in active_ties(self.person_id)]

    def confirm(self, tie_id: str) -> Refused | None:
        """Agree."""
        return _tried(lambda: confirm_as_principal(uuid.UUID(tie_id), self.person_id))

    def decline(self, tie_id: str) -> Refused | None:
        """Do not agree."""
        return _tried(lambda: decline(uuid.UUID(tie_id), self.person_id))

    def enter_code(self, tie_id: str, code: str) -> Refused | None:
        """Confirm with the counter's digits; the try is counted with the turn, whatever becomes of it."""
        may_try = count_try(uuid.UUID(tie_id), self.person_id)
        return _tried(lambda: confirm_by_code(uuid.UUID(tie_id), self.person_id, code, may_try=may_try))

    def cut(self, tie_id: str) -> Refused | None:
        """End a tie, or withdraw a request."""
        return _tried(lambda: cut(uuid.UUID(tie_id), self.person_id))

    def acts(self, tie_id: str) -> Sequence[str]:
        """What was done lately: the day and the service."""
        acts = acts_of(uuid.UUID(tie_id), self.person_id, None, ACTS_SHOWN)
        return [f"{spoken_day(act.at.date())} {matters([act.scope])}" for act in acts]

    def typed_code(self, code: str) -> CodeMeaning | Refused:
        """What a bind code means; the try is counted with the turn."""
        try:
            typed = read_typed_code(self.person_id, code)
        except AppError as error:
            return _refused(error)
        person = person_view(typed.person_id)
        who = person.masked_name if person else None
        return CodeMeaning(who or "", typed.of_miniprogram, typed.person_id == self.person_id)

    def use_code(self, code: str) -> Refused | None:
        """Join the two; this conversation is the joined person's from now on."""
        try:
            self.person_id = use_typed_code(self.person_id, code)
        except AppError as error:
            return _refused(error)
        return None

    def counter_code(self) -> str | Refused:
        """A code for the counter; an earlier one is void."""
        try:
            return ask_code(any_identity(self.person_id)).digits
        except AppError as error:
            return _refused(error)


def _summary(view: TieView) -> TieSummary:
    helping = view.role == "helper"
    named = view.other_name
    if not helping:
        named = YOURS.format(relation=relation_name(view.relation, view.other_sex), name=view.other_name)
    waiting = view.state is TieState.ASKED
    return TieSummary(str(view.id), helping, waiting, named, matters(view.scopes), STATE_NAMES[view.state])


def _tried(command: Callable[[], object]) -> Refused | None:
    try:
        command()
    except AppError as error:
        return _refused(error)
    return None


def _refused(error: AppError) -> Refused:
    return Refused(error.code, error.user_text)
