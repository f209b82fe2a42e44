"""Which looks are unusual (domain-rules §6.3), as data: each rule is a name and a question about one look."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum


class Rule(StrEnum):
    """Why a look deserves a second pair of eyes."""

    OWN_RECORD = "own_record"
    RELATIVE = "relative"
    COLLEAGUE = "colleague"
    WELL_KNOWN = "well_known"
    MANY_IN_A_ROW = "many_in_a_row"
    OUTSIDE_HOURS = "outside_hours"


class WatchKind(StrEnum):
    """Why a number is watched: a relative somebody declared, a colleague's own, a well-known person's."""

    RELATIVE = "relative"
    STAFF = "staff"
    WELL_KNOWN = "well_known"


class Relation(StrEnum):
    """How a relative is related (domain-rules §1.4: 近亲属), wide enough for in-laws and others who live together."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    IN_LAW = "in_law"
    OTHER = "other"


class FlagState(StrEnum):
    """Whether somebody has looked into an unusual look."""

    NEW = "new"
    LOOKED_INTO = "looked_into"


class Outcome(StrEnum):
    """What came of looking into it."""

    USUAL_WORK = "usual_work"
    EXPLAINED = "explained"
    REMINDED = "reminded"
    REPORTED = "reported"


@dataclass(frozen=True)
class Watched:
    """A watched number that belongs to the record looked at; `account_id` is whose relative or colleague it is."""

    kind: WatchKind
    account_id: uuid.UUID | None


@dataclass(frozen=True)
class Look:
    """One look: by whom, when (aware, 北京时间), whose numbers are in the record.

    `opened` and `listed` are how many distinct records the account has opened, and seen in lists, without taking a
    step in between; this look is counted.
    """

    account_id: uuid.UUID
    moment: datetime
    watched: Collection[Watched]
    opened: int
    listed: int


@dataclass(frozen=True)
class Limits:
    """What the bureau has set: how many records are many within `minutes`, the hours of work, the rules in use."""

    minutes: int
    opened: int
    listed: int
    starts: time
    ends: time
    rules: Collection[Rule]


RULES: Mapping[Rule, Callable[[Look, Limits], bool]] = {
    Rule.OWN_RECORD: lambda look, _: Watched(WatchKind.STAFF, look.account_id) in look.watched,
    Rule.RELATIVE: lambda look, _: Watched(WatchKind.RELATIVE, look.account_id) in look.watched,
    Rule.COLLEAGUE: lambda look, _: any(
        watched.kind is WatchKind.STAFF and watched.account_id != look.account_id for watched in look.watched
    ),
    Rule.WELL_KNOWN: lambda look, _: any(watched.kind is WatchKind.WELL_KNOWN for watched in look.watched),
    Rule.MANY_IN_A_ROW: lambda look, limits: look.opened > limits.opened or look.listed > limits.listed,
    Rule.OUTSIDE_HOURS: lambda look, limits: not limits.starts <= look.moment.time() < limits.ends,
}

# Rules about a person: a look at each record counts. The others would flag every look of a long evening.
_OF_A_RECORD = frozenset({Rule.OWN_RECORD, Rule.RELATIVE, Rule.COLLEAGUE, Rule.WELL_KNOWN})
# Conflicts of interest: the record is shown only with a stated reason.
CONFLICTS = (WatchKind.STAFF, WatchKind.RELATIVE)


def unusual(look: Look, limits: Limits) -> tuple[Rule, ...]:
    """The rules in use that a look meets, in their order."""
    return tuple(rule for rule, meets in RULES.items() if rule in limits.rules and meets(look, limits))


def flag_key(rule: Rule, subject: str, moment: datetime) -> str:
    """What one flag stands for, beside rule and account: a record on a day, an hour of haste, a night.

    Who opens the same record ten times is asked once.
    """
    if rule in _OF_A_RECORD:
        return f"{subject} {moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%dT%H}" if rule is Rule.MANY_IN_A_ROW else f"{moment:%Y-%m-%d}"
