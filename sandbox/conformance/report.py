"""Counting: how often each rule was checked and broken, with the latest examples."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.config import BEIJING
from sandbox.conformance.calls import CallRules, Finding
from sandbox.conformance.evidence import CallSeen, ReplySeen
from sandbox.conformance.replies import ReplyRules
from sandbox.conformance.rules import BY_ID, RULES, SIDES

EXAMPLES = 5


class Tally:
    """One rule's count."""

    def __init__(self) -> None:
        self.checked = 0
        self.broken = 0
        self.examples: list[dict[str, Any]] = []


class Conformance:
    """The report of one sandbox. Lives as long as the process; a reset clears it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tallies = {rule.id: Tally() for rule in RULES}
            self._calls = CallRules()
            self._replies = ReplyRules()

    def call(self, seen: CallSeen) -> None:
        """Judge one API call."""
        self._enter(self._calls.check(seen), seen.at, f"{seen.method} {seen.path}", seen.journal_id)

    def reply(self, seen: ReplySeen) -> None:
        """Judge one answer to a push."""
        what = f"{'小程序' if seen.product == 'miniprogram' else '公众号'} {seen.event or '消息'}"
        self._enter(self._replies.check(seen), seen.at, what, seen.journal_id)

    def found(self, rule: str, problem: str | None, what: str, at: float, journal_id: int | None = None) -> None:
        """Enter one finding of another place: the server check, a web login, a page's signature."""
        self._enter([(rule, problem)], at, what, journal_id)

    def left(self, openid: str, monotonic: float) -> None:
        """Somebody unfollowed the account."""
        self._calls.left(openid, monotonic)

    def changed(self, openid: str) -> None:
        """Somebody followed, consented or wrote."""
        self._calls.changed(openid)

    def to_json(self) -> dict[str, Any]:
        """The whole report. `broken` and `advice` list ids of broken must- and should-rules."""
        with self._lock:
            rules: list[dict[str, Any]] = [
                {
                    "id": rule.id,
                    "section": rule.section,
                    "side": rule.side,
                    "level": rule.level,
                    "sentence": rule.sentence,
                    "checked": self._tallies[rule.id].checked,
                    "broken": self._tallies[rule.id].broken,
                    "examples": list(self._tallies[rule.id].examples),
                }
                for rule in RULES
            ]
        return {
            "checked": sum(rule["checked"] for rule in rules),
            "broken": [rule["id"] for rule in rules if rule["broken"] and rule["level"] == "must"],
            "advice": [rule["id"] for rule in rules if rule["broken"] and rule["level"] == "should"],
            "sides": SIDES,
            "rules": rules,
        }

    def _enter(self, findings: Iterable[Finding], at: float, what: str, journal_id: int | None) -> None:
        with self._lock:
            for rule, problem in findings:
                tally = self._tallies[BY_ID[rule].id]
                tally.checked += 1
                if problem is None:
                    continue
                tally.broken += 1
                moment = datetime.fromtimestamp(at, BEIJING).isoformat(timespec="seconds")
                example = {"at": moment, "what": what, "problem": problem, "journal_id": journal_id}
                tally.examples = [*tally.examples, example][-EXAMPLES:]
