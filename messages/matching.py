"""Which approved template fits which notice, by its title and the labels of its fields; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.wechat.approved import ApprovedTemplate
from backend.wechat.fields import kind_of_key
from messages.catalogue.template_words import LABELS, TITLES
from messages.kinds import can_carry
from messages.notices import Notice


@dataclass(frozen=True)
class Match:
    """A template that carries a notice, with the notice's field for each of its keys."""

    template: ApprovedTemplate
    fields: Mapping[str, str]


def find_match(wanted: Notice, approved: Sequence[ApprovedTemplate]) -> Match | None:
    """The first template with a fitting title all of whose fields the notice can fill; None where there is none."""
    for title in TITLES.get(wanted.key, ()):
        for template in approved:
            fields = match_fields(wanted, template) if template.title == title else None
            if fields:
                return Match(template, fields)
    return None


def match_fields(wanted: Notice, template: ApprovedTemplate) -> dict[str, str] | None:
    """A field of the notice for each key of the template, by its label; None if one key could not be filled.

    Every key of a template must be filled, or WeChat refuses the whole message (wechat-protocol §5.3).
    """
    found: dict[str, str] = {}
    for key, label in template.labels.items():
        kind = kind_of_key(key)
        fitting = (
            field
            for field in LABELS.get(label, ())
            if kind and field in wanted.fields and field not in found.values() and can_carry(kind, field)
        )
        field = next(fitting, None)
        if field is None:
            return None
        found[key] = field
    return found


def is_filled_by(template: ApprovedTemplate, fields: Mapping[str, str]) -> bool:
    """Whether what was entered for a template fills exactly the keys it has today."""
    return template.labels.keys() == fields.keys()
