"""What a registry may set about absences (domain-rules §2.5 `noshow.*`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.marriage.sanctions import texts
from backend.marriage.sanctions.rule_field import PauseRuleLines
from backend.marriage.sanctions.rules import PauseRule
from backend.parameters import Parameter, ParameterGroup, value_at

# Two within thirty days for fifteen: a published practice of Guangdong. A stricter one of the same province: 180 days
# after 2 absences, 5 cancellations, or 1 and 2 of them within 180 days, or 3 cancellations within 30.
RULES = Parameter(
    "marriage.pause_rules",
    [{"absences": 2, "cancellations": 0, "within_days": 30, "pause_days": 15}],
    PauseRuleLines(),
)

SANCTIONS = ParameterGroup("marriage_sanctions", texts.PARAMETERS_TITLE, (RULES,), texts.PARAMETERS, by_place=True)


def pause_rules(office_code: str, moment: datetime) -> Sequence[PauseRule]:
    """The rules of one office in force at `moment`."""
    rules: Sequence[PauseRule] = value_at(RULES, office_code, moment)
    return rules
