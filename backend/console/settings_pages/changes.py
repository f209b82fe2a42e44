"""Changing a parameter: at once, or after a second person's yes where the group asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.console.settings_pages import texts
from backend.console.settings_pages.groups import EVERYWHERE, Declared, find_declared, place_names
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.parameters import set_value
from backend.parameters.kinds import in_words, limits_in_words, shape_of
from backend.parameters.values import json_value_at, moment_to_set, require_possible
from backend.staff import Permission, StaffAccount, district_id, record
from backend.staff.approvals import ApprovalKind, ask, register_approval_kind
from backend.staff.models import Approval
from backend.storage import transaction

KIND = "settings.parameter"
SUBJECT = "parameter"
MOST_REASON = 200


@dataclass(frozen=True)
class Change:
    """A JSON value for a parameter in a place (empty for everywhere) from a moment on; None is at once."""

    declared: Declared
    scope: str
    value: Any
    effective_from: datetime | None
    reason: str

    def told(self, value: Any) -> str:
        """A value of this parameter in words."""
        words = self.declared.words
        return in_words(shape_of(self.declared.parameter), value, words.unit, words.choices)

    @property
    def before(self) -> Any:
        """The value that would hold without this change."""
        return json_value_at(self.declared.parameter, self.scope, self.effective_from or now())


def check(change: Change) -> None:
    """Refuse what cannot be set; raises `AppError` invalid with what is wrong by field."""
    parameter, errors = change.declared.parameter, dict[str, list[str]]()
    try:
        require_possible(parameter, change.value, change.declared.words.label)
    except AppError:
        # The limits as the page tells them; what the reader of the field says is for programmers.
        errors["value"] = [limits_in_words(shape_of(parameter))]
    else:
        if change.value == change.before:
            errors["value"] = [texts.SAME]
    try:
        moment_to_set(change.effective_from)
    except AppError as refusal:
        errors |= {name: list(told) for name, told in refusal.errors.items()}
    if not 0 < len(change.reason) <= MOST_REASON:
        errors["reason"] = [texts.REASON_MISSING]
    if errors:
        raise AppError("invalid", "\n".join(told for given in errors.values() for told in given), 422, errors=errors)


def make(change: Change, by: StaffAccount) -> bool:
    """Set the value, or ask for a second person's yes; returns whether it is set. Raises as `check` does."""
    check(change)
    if not change.declared.group.two_persons:
        with transaction():
            _set(change, str(by.id))
        return True
    district = district_id()
    if district is None:
        raise LookupError("there are no accounts without a district")
    payload = {
        "key": change.declared.parameter.key,
        "scope": change.scope,
        "value": change.value,
        "effective_from": change.effective_from.isoformat() if change.effective_from else None,
    }
    ask(KIND, payload, reason=change.reason, asked_by=by, node_id=district)
    return False


def _set(change: Change, by: str) -> None:
    parameter = change.declared.parameter
    before, effective_from = change.before, moment_to_set(change.effective_from)
    set_value(parameter, change.scope, change.value, effective_from, by)
    record(
        "settings.changed",
        SUBJECT,
        parameter.key,
        purpose=change.reason,
        place=change.scope or None,
        before=before,
        after=change.value,
        effective_from=effective_from.isoformat(),
    )


def _run(approval: Approval) -> None:
    """What was agreed to; a moment that has passed while it waited means now."""
    change = _asked(approval)
    if change is not None:
        _set(change, str(approval.asked_by))


def _asked(approval: Approval) -> Change | None:
    payload, declared = approval.payload, find_declared(approval.payload["key"])
    if declared is None:
        return None
    wanted = datetime.fromisoformat(payload["effective_from"]) if payload["effective_from"] else None
    return Change(declared, payload["scope"], payload["value"], max(wanted, now()) if wanted else None, approval.reason)


def _title(approval: Approval) -> str:
    change = _asked(approval)
    if change is None:
        return texts.OLD_PARAMETER
    place = place_names().get(change.scope, change.scope) if change.scope != EVERYWHERE else texts.DEFAULT_PLACE
    return texts.APPROVAL_TITLE.format(label=change.declared.words.label, place=place, value=change.told(change.value))


register_approval_kind(ApprovalKind(KIND, Permission.APPROVE_SETTINGS, _run, _title))
