"""The retention rules at work: one batch of one rule a turn, each sweep reported (domain-rules §6.4, PIPL 19, 47).

A batch and its report are one transaction, so a sweep that is cut short goes on where it stopped, and the report never
counts what was not erased. Turns go round the rules that are due, so that one with a great deal to do keeps nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel.clock import now
from backend.kernel.personal_data import Batch, RetentionRule
from backend.people.rights.holds import held_persons
from backend.people.rights.models import RetentionRun
from backend.storage import session, transaction

log = logging.getLogger(__name__)

LIMIT = 500


class _Process:
    rules: tuple[RetentionRule, ...] = ()
    last = -1  # the place of the rule that had its turn


def use_rules(rules: Sequence[RetentionRule]) -> None:
    """Choose the rules of this process."""
    _Process.rules, _Process.last = tuple(rules), -1


def retention_rules() -> tuple[RetentionRule, ...]:
    """Every rule, those the program never carries out among them."""
    return _Process.rules


def run_turn(limit: int = LIMIT) -> int:
    """Let the next due rule erase one batch of at most `limit` rows; returns how many went, 0 also when none is due."""
    newest = _newest_runs()
    rules = _Process.rules
    for step in range(1, len(rules) + 1):
        place = (_Process.last + step) % len(rules)
        if _is_due(rules[place], newest.get(rules[place].name)):
            _Process.last = place  # first, so that a rule that fails lets the others have their turn
            return _run_batch(rules[place], limit)
    return 0


def _newest_runs() -> dict[str, RetentionRun]:
    query = sa.select(RetentionRun).ext(distinct_on(RetentionRun.rule))
    query = query.order_by(RetentionRun.rule, RetentionRun.id.desc())
    with transaction() as opened:
        return {run.rule: run for run in opened.scalars(query)}


def _is_due(rule: RetentionRule, newest: RetentionRun | None) -> bool:
    if rule.run is None:
        return False
    if newest is None or newest.ended_at is None:
        return True
    moment = now()
    # `started_at > moment`: the clock was set back.
    return newest.started_at > moment or newest.started_at + rule.every <= moment


def _run_batch(rule: RetentionRule, limit: int) -> int:
    assert rule.run is not None  # noqa: S101 - `_is_due` has asked
    moment = now()
    with transaction():
        run = _open_run(rule.name, moment)
        erased = rule.run(Batch(moment, limit, held_persons()))
        run.erased += erased
        run.batches += 1
        if erased == 0:
            run.ended_at = moment
            _forget_empty(run)
        session().flush()
    if erased:
        log.info("retention", extra={"rule": rule.name, "erased": erased})
    return erased


def _open_run(name: str, moment: datetime) -> RetentionRun:
    query = sa.select(RetentionRun).where(RetentionRun.rule == name, RetentionRun.ended_at.is_(None))
    found = session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is not None:
        return found
    run = RetentionRun(rule=name, started_at=moment, erased=0, batches=0)
    session().add(run)
    session().flush()
    return run


def _forget_empty(run: RetentionRun) -> None:
    """Of sweeps that found nothing only the newest stays."""
    if run.erased == 0:
        empty = sa.delete(RetentionRun).where(
            RetentionRun.rule == run.rule, RetentionRun.erased == 0, RetentionRun.id != run.id
        )
        session().execute(empty.execution_options(synchronize_session=False))


@dataclass(frozen=True)
class RuleReport:
    """A rule as the console shows it: its newest sweep, the newest that erased anything, what went in all that stay."""

    rule: RetentionRule
    newest: RetentionRun | None
    last_erased: int
    last_erased_at: datetime | None
    erased_in_all: int
    next_due: datetime | None


def rule_reports() -> Sequence[RuleReport]:
    """Every rule with its sweeps, in three queries."""
    newest = _newest_runs()
    productive = (
        sa.select(RetentionRun)
        .where(RetentionRun.erased > 0)
        .ext(distinct_on(RetentionRun.rule))
        .order_by(RetentionRun.rule, RetentionRun.id.desc())
    )
    totals = sa.select(RetentionRun.rule, sa.func.sum(RetentionRun.erased)).group_by(RetentionRun.rule)
    with transaction() as opened:
        last = {run.rule: run for run in opened.scalars(productive)}
        in_all = {name: int(total) for name, total in opened.execute(totals)}
    return [_report(rule, newest.get(rule.name), last.get(rule.name), in_all) for rule in _Process.rules]


def _report(
    rule: RetentionRule, newest: RetentionRun | None, last: RetentionRun | None, in_all: dict[str, int]
) -> RuleReport:
    next_due = None
    if rule.run is not None:
        next_due = now() if newest is None or newest.ended_at is None else newest.started_at + rule.every
    return RuleReport(
        rule,
        newest,
        last.erased if last else 0,
        last.started_at if last else None,
        in_all.get(rule.name, 0),
        next_due,
    )
