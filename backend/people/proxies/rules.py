"""Decisions about proxies (代办), pure: relations, scopes, states and their moves, who has to confirm what.

A tie lets one person, the helper, act for another, the principal, in named scopes (domain-rules §1.4, §5.3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Relation(StrEnum):
    """What the helper is to the principal (domain-rules §1.4): a daughter asks as `child`."""

    SPOUSE = "spouse"
    CHILD = "child"
    CHILD_IN_LAW = "child_in_law"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    MATERNAL_GRANDCHILD = "maternal_grandchild"
    GRANDPARENT = "grandparent"
    MATERNAL_GRANDPARENT = "maternal_grandparent"
    GUARDIAN = "guardian"
    ENTRUSTED = "entrusted"
    COMMITTEE = "committee"
    EMPLOYER = "employer"
    OTHER = "other"


class Scope(StrEnum):
    """Services in which a helper can act. A room that comes later adds its own by `offer_scope`."""

    MEALS = "meals"
    CARE = "care"
    BEREAVEMENT = "bereavement"
    ASSISTANCE = "assistance"
    PEOPLE = "people"


# 民法典 1049: both appear in person and apply themselves; 1076 asks the same for a divorce. No tie can ever hold it.
NEVER_BY_PROXY = "marriage"


class TieState(StrEnum):
    """Where a tie stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CUT = "cut"


# States in which a helper has, or waits for, a tie: at most one with each principal.
ACTIVE_STATES = (TieState.ASKED, TieState.CONFIRMED)

# Every move of a tie. Either side and staff can cut at any time; what has ended stays ended.
MOVES: Mapping[TieState, frozenset[TieState]] = {
    TieState.ASKED: frozenset({TieState.CONFIRMED, TieState.DECLINED, TieState.LAPSED, TieState.CUT}),
    TieState.CONFIRMED: frozenset({TieState.CUT}),
    TieState.DECLINED: frozenset(),
    TieState.LAPSED: frozenset(),
    TieState.CUT: frozenset(),
}


class Confirmation(StrEnum):
    """By what a tie was confirmed: exactly one of these (domain-rules §5.3)."""

    OWN_WECHAT = "own_wechat"
    COUNTER_CODE = "counter_code"
    STAFF = "staff"


class Facet(StrEnum):
    """What there is to see about a principal in a scope."""

    ORDERS = "orders"
    PAYMENTS = "payments"
    PROGRESS = "progress"
    CONTACT = "contact"
    HEALTH_NOTES = "health_notes"


# domain-rules §5.3: the proxy sees no health notes.
SEEN_BY_PROXY = frozenset(Facet) - {Facet.HEALTH_NOTES}


# A guardian acts because of a court's or a committee's paper, a committee's worker because of an office: neither can
# be judged by the person they act for, so a member of staff looks at the paper.
_SHOWN_TO_STAFF = frozenset({Relation.GUARDIAN, Relation.COMMITTEE, Relation.EMPLOYER})


def ways_to_confirm(relation: Relation) -> frozenset[Confirmation]:
    """What can confirm a tie of this relation."""
    return frozenset({Confirmation.STAFF}) if relation in _SHOWN_TO_STAFF else frozenset(Confirmation)


def is_many_sided(relation: Relation) -> bool:
    """Whether a helper of this relation looks after many people by office, and has a limit of their own."""
    return relation is Relation.COMMITTEE


def allowed(from_state: TieState, to_state: TieState) -> bool:
    """Whether a tie may go from one state to the other."""
    return to_state in MOVES[from_state]


_scopes: dict[str, str] = {}


def offer_scope(name: str, label: str) -> None:
    """Let helpers act in a service: `name` is kept with ties, `label` what people read. The same name replaces.

    Raises `ValueError` for what can only be done in person (民法典 1049).
    """
    if name == NEVER_BY_PROXY:
        raise ValueError("marriage is never possible by proxy")
    _scopes[name] = label


def scopes() -> Mapping[str, str]:
    """Every scope on offer with its label, in the order the rooms offered them."""
    return dict(_scopes)


def unknown_scopes(wanted: Collection[str]) -> list[str]:
    """Those of the names that nobody offers, sorted."""
    return sorted(set(wanted) - _scopes.keys())
