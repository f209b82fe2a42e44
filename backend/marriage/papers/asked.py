"""The checklist as the bureau has set it, for a registry or for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.kernel.clock import now
from backend.marriage import parameters
from backend.marriage.kinds import KINDS, Kind, ResidentGroup, plain_kind
from backend.marriage.papers import texts
from backend.marriage.papers.checklist import Circumstances, Form, History, Line, Lost, PaperRules, checklist
from backend.parameters import Parameter, value_at


@dataclass(frozen=True)
class PaperLine:
    """One line in words: what, who brings it, in what form (`form` its code, `form_name` for people)."""

    paper: str
    who: str
    form: Form
    form_name: str


@dataclass(frozen=True)
class Papers:
    """A checklist for people; `safety` is empty where it does not belong."""

    kind: Kind
    items: Sequence[PaperLine]
    spoken: Sequence[str]
    attendance: str
    not_needed: str
    safety: str


def paper_rules(office_code: str = "") -> PaperRules:
    """What is set about papers at this moment."""
    moment = now()

    def value(parameter: Parameter) -> Any:
        return value_at(parameter, office_code, moment)

    return PaperRules(
        photos_together=value(parameters.PHOTOS_TOGETHER),
        photos_single=value(parameters.PHOTOS_SINGLE),
        photo_on_site=value(parameters.PHOTO_ON_SITE),
        photo_background=value(parameters.PHOTO_BACKGROUND),
        agreement_at_application=value(parameters.AGREEMENT_AT_APPLICATION),
        foreign_paper_months=value(parameters.FOREIGN_PAPER_MONTHS),
    )


def papers_for(given: Circumstances, office_code: str = "") -> Papers:
    """The checklist of one piece of business in words."""
    rules = paper_rules(office_code)
    lines: Sequence[Line] = checklist(given, rules)
    kind = plain_kind(given.kind)
    items = []
    for line in lines:
        who, form_name = texts.who_and_form(line)
        items.append(PaperLine(texts.wording(line, rules), who, line.form, form_name))
    return Papers(
        kind=given.kind,
        items=items,
        spoken=texts.in_chat(lines, rules),
        attendance=texts.ATTENDANCE[kind],
        not_needed=texts.NOT_NEEDED,
        safety=texts.SAFETY if kind in texts.SAFETY_KINDS else "",
    )


def asked_papers(
    kind: Kind,
    groups: Sequence[ResidentGroup] = (),
    histories: Sequence[History] = (),
    lost: Lost = Lost.NONE,
    *,
    proxy: bool = False,
    office_code: str = "",
) -> Papers:
    """The checklist for as many parties as are told of, at least those that the kind needs; who is not told of is of
    the mainland and was never married.
    """
    count = max(len(groups), len(histories), KINDS[kind].parties[0])
    all_groups = (*groups, *[ResidentGroup.MAINLAND] * count)[:count]
    all_histories = (*histories, *[History.NEVER] * count)[:count]
    return papers_for(Circumstances(kind, all_groups, all_histories, lost, proxy), office_code)


def usual_papers(kind: Kind, groups: Sequence[ResidentGroup] = (), office_code: str = "") -> Papers:
    """The checklist where no more is known than who comes."""
    return asked_papers(kind, groups, office_code=office_code)
