"""A family in memory: the people port as conversations see it, with the product's own reading of names and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.masking import mask_name, mask_number
from backend.people.proxies.texts import SCOPE_LABELS, STATE_NAMES
from backend.people.reading import read_claim
from backend.people.texts import TYPED_CODE_WRONG
from workflows.chat.ports import CodeMeaning, Refused, ScopeChoice, TieSummary

CODE = "012345"
# Of a mini-program whose owner has proven who they are, of one whose has not, of a counter, and one's own.
CODES = {
    "12345678": CodeMeaning("王*明", True, False),
    "22345678": CodeMeaning("", True, False),
    "32345678": CodeMeaning("王*明", False, False),
    "42345678": CodeMeaning("王*明", True, True),
}
ASKED, CONFIRMED = (STATE_NAMES[state] for state in list(STATE_NAMES)[:2])


@dataclass
class Family:
    """Ties of one person; `refusals` come first, once each."""

    known: list[TieSummary] = field(default_factory=list)
    unverified: bool = False
    refusals: dict[str, list[Refused]] = field(default_factory=dict)
    asked: list[tuple[str, str, str, tuple[str, ...]]] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    codes: dict[str, CodeMeaning] = field(default_factory=lambda: dict(CODES))

    # --- for tests ---

    def has(self, *, helping: bool, waiting: bool, who: str = "王*英") -> TieSummary:
        """The person already has a tie."""
        tie = TieSummary(
            f"tie-{len(self.known) + 1}", helping, waiting, who, "助餐订餐、探访关爱", ASKED if waiting else CONFIRMED
        )
        self.known.append(tie)
        return tie

    def refuse(self, command: str, code: str, sentence: str) -> None:
        """The next call of `command` is answered with a refusal."""
        self.refusals.setdefault(command, []).append(Refused(code, sentence))

    # --- the port ---

    def may_ask(self) -> Refused | None:
        if self.unverified:
            return Refused("level_too_low", "办这件事要先实名核验：在小程序里填姓名和证件号码，一分钟就好。")
        return self._forced("may_ask")

    def scopes(self) -> Sequence[ScopeChoice]:
        return [ScopeChoice(scope.value, label) for scope, label in SCOPE_LABELS.items()]

    def check_principal(self, name: str, number: str) -> str | Refused:
        forced = self._forced("check_principal")
        if forced:
            return forced
        try:
            claim = read_claim(name, IdType.RESIDENT_IDENTITY_CARD, number)
        except AppError as error:
            return Refused(error.code, error.user_text)
        return f"{mask_name(claim.name)}（{mask_number(claim.identity.number)}）"

    def ask(self, name: str, number: str, relation: str, scopes: Sequence[str]) -> Refused | None:
        forced = self._forced("ask")
        if forced is None:
            self.asked.append((name, number, relation, tuple(scopes)))
        return forced

    def ties(self) -> Sequence[TieSummary]:
        return list(self.known)

    def confirm(self, tie_id: str) -> Refused | None:
        return self._decided("confirm", tie_id, stays=True)

    def decline(self, tie_id: str) -> Refused | None:
        return self._decided("decline", tie_id, stays=False)

    def enter_code(self, tie_id: str, code: str) -> Refused | None:
        if code != CODE:
            return Refused("invalid", "数字不对或已经过期，请再核对一遍；不行就请窗口重新给一个。")
        return self._decided("enter_code", tie_id, stays=True)

    def cut(self, tie_id: str) -> Refused | None:
        return self._decided("cut", tie_id, stays=False)

    def acts(self, tie_id: str) -> Sequence[str]:
        return self.acted

    def typed_code(self, code: str) -> CodeMeaning | Refused:
        return self._forced("typed_code") or self.codes.get(code, Refused("invalid", TYPED_CODE_WRONG))

    def use_code(self, code: str) -> Refused | None:
        forced = self._forced("use_code")
        if forced is None:
            self.done.append(("use_code", code))
        return forced

    def counter_code(self) -> str | Refused:
        return self._forced("counter_code") or CODE

    # --- inside ---

    def _forced(self, command: str) -> Refused | None:
        waiting = self.refusals.get(command)
        return waiting.pop(0) if waiting else None

    def _decided(self, command: str, tie_id: str, *, stays: bool) -> Refused | None:
        forced = self._forced(command)
        if forced is None:
            self.done.append((command, tie_id))
            self.known = [
                replace(tie, waiting=False, state_name=CONFIRMED) if tie.id == tie_id else tie
                for tie in self.known
                if stays or tie.id != tie_id
            ]
        return forced
