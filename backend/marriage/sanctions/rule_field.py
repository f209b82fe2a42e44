"""The rules of pauses as a bureau writes them: one sentence a rule, “30天内未到2次，暂停15天”."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from backend.marriage.sanctions import texts
from backend.marriage.sanctions.rules import PauseRule
from backend.parameters.fields import SpokenLines

_MOST_COUNT, _MOST_DAYS = 20, 365


class PauseRuleLines(SpokenLines):
    """At most eight rules, none twice; typed value: a tuple of `PauseRule`."""

    example = texts.RULE_EXAMPLE
    most = 8

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[PauseRule, ...]:
        if not isinstance(value, list) or len(value) > self.most:
            raise ma.ValidationError(f"at most {self.most} rules")
        rules = tuple(_rule(one) for one in value)
        if len(set(rules)) < len(rules):
            raise ma.ValidationError("a rule stands there twice")
        return rules

    def read_line(self, line: str) -> Mapping[str, int] | None:
        """Read one sentence; None where it is no rule."""
        said = re.sub(r"[\s,，。；;、→]", "", line)
        found = re.fullmatch(texts.RULE_PATTERN, said)
        if found is None:
            return None
        absences, cancellations = (int(found[name] or 0) for name in ("absences", "cancellations"))
        if not absences and not cancellations:
            return None
        return {
            "absences": absences,
            "cancellations": cancellations,
            "within_days": int(found["within"]),
            "pause_days": int(found["pause"]),
        }

    def tell_line(self, value: Mapping[str, int]) -> str:
        """One rule as a sentence."""
        counted = [
            words.format(count=value[name])
            for name, words in (("absences", texts.RULE_ABSENCES), ("cancellations", texts.RULE_CANCELLATIONS))
            if value[name]
        ]
        return texts.RULE_LINE.format(
            within=value["within_days"], counted=texts.RULE_AND.join(counted), pause=value["pause_days"]
        )


def _rule(value: Any) -> PauseRule:
    try:
        rule = PauseRule(**value)
    except TypeError:
        raise ma.ValidationError("a rule has absences, cancellations, within_days and pause_days") from None
    counts, days = (rule.absences, rule.cancellations), (rule.within_days, rule.pause_days)
    if any(type(one) is not int for one in (*counts, *days)):
        raise ma.ValidationError("a rule is of whole numbers")
    if not any(counts) or not all(0 <= one <= _MOST_COUNT for one in counts):
        raise ma.ValidationError(f"counts are 0 to {_MOST_COUNT}, not both 0")
    if not all(1 <= one <= _MOST_DAYS for one in days):
        raise ma.ValidationError(f"days are 1 to {_MOST_DAYS}")
    return rule
