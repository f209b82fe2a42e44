"""What the two sides of a tie are told, as rows for the messages room: neutral, names masked (domain-rules §7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.kernel.masking import mask_name
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.principals import somebody, who
from backend.people.proxies.rules import scopes
from backend.people.proxies.texts import HINT_START, SCOPE_SEPARATOR
from messages import Subject, cancel_for, post

SUBJECT_KIND = "proxy_tie"


def subject(tie_id: uuid.UUID) -> Subject:
    """The tie as the messages room refers to it."""
    return Subject(SUBJECT_KIND, tie_id)


def matters(names: Sequence[str]) -> str:
    """The scopes of a tie as people read them."""
    labels = scopes()
    return SCOPE_SEPARATOR.join(labels.get(name, name) for name in names)


def ask_principal(tie: ProxyTie) -> None:
    """Tell a known principal that somebody wants to act for them, and how to answer."""
    if tie.principal_id is None:
        return
    post(
        "people.proxy_asked",
        recipient_id=tie.principal_id,
        subject=subject(tie.id),
        data={"who": who(somebody(tie.helper_id), tie.relation), "matters": matters(tie.scopes), "hint": HINT_START},
        key=f"people.proxy_asked:{tie.id}",
        not_after=tie.lapses_at,
    )


def tell_helper(tie: ProxyTie, outcome: str, hint: str = HINT_START) -> None:
    """Tell the helper what became of the tie; the principal is named as the helper typed them, masked."""
    post(
        "people.proxy_answered",
        recipient_id=tie.helper_id,
        subject=subject(tie.id),
        data={"whom": mask_name(tie.principal_name or ""), "outcome": outcome, "hint": hint},
        key=f"people.proxy_answered:{tie.id}:{tie.state.value}",
    )


def tell_principal(tie: ProxyTie, notice: str) -> None:
    """Tell the principal that somebody can act for them from now on, or cannot any more."""
    if tie.principal_id is None:
        return
    post(
        notice,
        recipient_id=tie.principal_id,
        subject=subject(tie.id),
        data={"who": who(somebody(tie.helper_id), tie.relation), "matters": matters(tie.scopes), "hint": HINT_START},
        key=f"{notice}:{tie.id}",
    )


def withdraw_notices(tie: ProxyTie) -> None:
    """What is queued about the tie and not yet on its way does not hold any more."""
    cancel_for(subject(tie.id))
