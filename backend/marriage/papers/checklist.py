"""The papers of a piece of business, computed from who comes and what happened before (domain-rules §2.3). Pure.

Sureness of each line as in domain-rules: S read in the law, P published practice, M from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.marriage.kinds import Kind, ResidentGroup, plain_kind

_GREATER_CHINA = (ResidentGroup.HONG_KONG, ResidentGroup.MACAU, ResidentGroup.TAIWAN)


class Form(StrEnum):
    """In what form a paper is wanted."""

    ORIGINAL = "original"
    COPY = "copy"
    ON_SITE = "on_site"


class Who(StrEnum):
    """Who brings it."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"
    APPLICANT = "applicant"
    REPRESENTATIVE = "representative"


class History(StrEnum):
    """What a party was before."""

    NEVER = "never"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


class Lost(StrEnum):
    """Which of a couple's certificates are lost."""

    NONE = "none"
    ONE = "one"
    BOTH = "both"


class Paper(StrEnum):
    """Every paper there is; the wording is in `texts.PAPERS`."""

    IDENTITY_CARD = "identity_card"
    HMT_IDENTITY = "hmt_identity"
    OVERSEAS_PASSPORT = "overseas_passport"
    FOREIGN_IDENTITY = "foreign_identity"
    NO_SPOUSE_HMT = "no_spouse_hmt"
    NO_SPOUSE_OVERSEAS = "no_spouse_overseas"
    NO_SPOUSE_FOREIGN = "no_spouse_foreign"
    TRANSLATION = "translation"
    DECLARATION_TO_MARRY = "declaration_to_marry"
    DIVORCE_PROOF = "divorce_proof"
    DEATH_PROOF = "death_proof"
    MARRIAGE_CERTIFICATE = "marriage_certificate"
    LOSS_STATEMENT = "loss_statement"
    ARCHIVE_COPY = "archive_copy"
    DIVORCE_DECLARATION = "divorce_declaration"
    AGREEMENT = "agreement"
    RECEIPT = "receipt"
    WITHDRAWAL_FORM = "withdrawal_form"
    PHOTOS_TOGETHER = "photos_together"
    PHOTOS_SINGLE = "photos_single"
    REISSUE_FORM = "reissue_form"
    NOTARISED_AUTHORITY = "notarised_authority"
    PROXY_IDENTITY = "proxy_identity"
    QUERY_FORM = "query_form"
    REVOCATION_FORM = "revocation_form"
    REVOCATION_EVIDENCE = "revocation_evidence"


@dataclass(frozen=True)
class PaperRules:
    """What a bureau has set about papers; numbers of photos are for the couple together and for each person."""

    photos_together: int
    photos_single: int
    photo_on_site: bool
    photo_background: str
    agreement_at_application: bool
    foreign_paper_months: int


@dataclass(frozen=True)
class Circumstances:
    """Who comes, and what happened before. `groups` and `histories` are in the order of the parties."""

    kind: Kind
    groups: Sequence[ResidentGroup] = (ResidentGroup.MAINLAND, ResidentGroup.MAINLAND)
    histories: Sequence[History] = (History.NEVER, History.NEVER)
    lost: Lost = Lost.NONE
    proxy: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the checklist."""

    paper: Paper
    form: Form
    who: Who
    count: int = 0


def checklist(given: Circumstances, rules: PaperRules) -> list[Line]:
    """What to bring, in the order in which the window asks for it; each paper once where both bring the same."""
    return list(_lines(given, rules))


def _lines(given: Circumstances, rules: PaperRules) -> Iterator[Line]:
    kind = plain_kind(given.kind)
    if kind is Kind.MARRIAGE_REGISTRATION:
        yield from _identities(given)
        yield from _no_spouse(given)
        yield from _history(given)
        yield from _photos_together(rules)
        yield Line(Paper.DECLARATION_TO_MARRY, Form.ON_SITE, Who.BOTH)  # 条例 art 8 (S)
    elif kind is Kind.DIVORCE_APPLICATION:
        yield from _identities(given)
        yield from _certificates(given)
        if rules.agreement_at_application:
            yield Line(Paper.AGREEMENT, Form.ORIGINAL, Who.BOTH, 3)  # 民法典 1076 (S); when is local (P)
        yield Line(Paper.DIVORCE_DECLARATION, Form.ON_SITE, Who.BOTH)
    elif kind is Kind.DIVORCE_WITHDRAWAL:
        yield from _identity_of_one(given)
        yield Line(Paper.RECEIPT, Form.ORIGINAL, Who.APPLICANT)
        yield Line(Paper.WITHDRAWAL_FORM, Form.ON_SITE, Who.APPLICANT)  # §2.2 M3
    elif kind is Kind.DIVORCE_CERTIFICATE:
        yield from _identities(given)
        yield from _certificates(given)
        yield Line(Paper.RECEIPT, Form.ORIGINAL, Who.BOTH)
        yield Line(Paper.AGREEMENT, Form.ORIGINAL, Who.BOTH, 3)  # 民法典 1076 (S)
        yield Line(Paper.PHOTOS_SINGLE, Form.ORIGINAL, Who.BOTH, rules.photos_single)
    elif kind in (Kind.MARRIAGE_CERTIFICATE_REISSUE, Kind.DIVORCE_CERTIFICATE_REISSUE):
        yield from _reissue(given, rules, together=kind is Kind.MARRIAGE_CERTIFICATE_REISSUE)
    elif kind is Kind.ARCHIVE_QUERY:
        yield from _in_person_or_by_proxy(given)
        yield Line(Paper.QUERY_FORM, Form.ON_SITE, Who.REPRESENTATIVE if given.proxy else Who.APPLICANT)
    elif kind is Kind.REGISTRATION_REVOCATION:
        yield from _identity_of_one(given)
        # 2021-11-18 opinion of four departments: police, court or procuratorate evidence (P).
        yield Line(Paper.REVOCATION_EVIDENCE, Form.ORIGINAL, Who.APPLICANT)
        yield Line(Paper.REVOCATION_FORM, Form.ON_SITE, Who.APPLICANT)


# 条例 art 8 (S): what each group shows of itself.
_IDENTITIES = {
    ResidentGroup.MAINLAND: Paper.IDENTITY_CARD,
    ResidentGroup.HONG_KONG: Paper.HMT_IDENTITY,
    ResidentGroup.MACAU: Paper.HMT_IDENTITY,
    ResidentGroup.TAIWAN: Paper.HMT_IDENTITY,
    ResidentGroup.OVERSEAS_CHINESE: Paper.OVERSEAS_PASSPORT,
    ResidentGroup.FOREIGN: Paper.FOREIGN_IDENTITY,
}


def _identities(given: Circumstances) -> Iterator[Line]:
    yield from _each(given, [_IDENTITIES[group] for group in given.groups], Form.ORIGINAL)


def _no_spouse(given: Circumstances) -> Iterator[Line]:
    """Who is not of the mainland proves to be free to marry by a paper; mainland residents sign on site (art 8, S)."""
    papers = {
        **dict.fromkeys(_GREATER_CHINA, Paper.NO_SPOUSE_HMT),
        ResidentGroup.OVERSEAS_CHINESE: Paper.NO_SPOUSE_OVERSEAS,
        ResidentGroup.FOREIGN: Paper.NO_SPOUSE_FOREIGN,
    }
    yield from _each(given, [papers.get(group) for group in given.groups], Form.ORIGINAL)
    abroad = (ResidentGroup.OVERSEAS_CHINESE, ResidentGroup.FOREIGN)
    yield from _each(  # papers in a foreign language need a Chinese translation (P)
        given, [Paper.TRANSLATION if group in abroad else None for group in given.groups], Form.ORIGINAL
    )


def _history(given: Circumstances) -> Iterator[Line]:
    """Asked for only when the registrar's check says otherwise; who has them at hand saves a second way (P)."""
    papers = {History.DIVORCED: Paper.DIVORCE_PROOF, History.WIDOWED: Paper.DEATH_PROOF}
    yield from _each(given, [papers.get(history) for history in given.histories], Form.ORIGINAL)


def _certificates(given: Circumstances) -> Iterator[Line]:
    """Each their own marriage certificate; the 2020 rule for lost ones (P)."""
    if given.lost is not Lost.BOTH:
        yield Line(Paper.MARRIAGE_CERTIFICATE, Form.ORIGINAL, Who.BOTH)
    if given.lost is not Lost.NONE:
        yield Line(Paper.LOSS_STATEMENT, Form.ON_SITE, Who.BOTH)
    if given.lost is Lost.BOTH:
        yield Line(Paper.ARCHIVE_COPY, Form.COPY, Who.BOTH)


def _reissue(given: Circumstances, rules: PaperRules, *, together: bool) -> Iterator[Line]:
    if given.proxy:  # by proxy only with a notarised authority (P, older rule)
        yield from _in_person_or_by_proxy(given)
    elif together:
        yield from _identities(given)
    else:
        yield from _identity_of_one(given)
    if together:
        yield from _photos_together(rules)
    else:
        yield Line(Paper.PHOTOS_SINGLE, Form.ORIGINAL, Who.APPLICANT, rules.photos_single)
    yield Line(Paper.ARCHIVE_COPY, Form.COPY, Who.APPLICANT)  # where the registry cannot see the archive itself (P)
    yield Line(Paper.REISSUE_FORM, Form.ON_SITE, Who.BOTH if together and not given.proxy else Who.APPLICANT)


def _photos_together(rules: PaperRules) -> Iterator[Line]:
    if rules.photos_together:
        yield Line(Paper.PHOTOS_TOGETHER, Form.ORIGINAL, Who.BOTH, rules.photos_together)


def _identity_of_one(given: Circumstances) -> Iterator[Line]:
    yield Line(_IDENTITIES[given.groups[0]], Form.ORIGINAL, Who.APPLICANT)


def _in_person_or_by_proxy(given: Circumstances) -> Iterator[Line]:
    """档案管理办法 2006 no. 32 (P): the person with a card, or a proxy with a notarised authority."""
    if not given.proxy:
        yield from _identity_of_one(given)
        return
    yield Line(Paper.PROXY_IDENTITY, Form.ORIGINAL, Who.REPRESENTATIVE)
    yield Line(_IDENTITIES[given.groups[0]], Form.COPY, Who.REPRESENTATIVE)
    yield Line(Paper.NOTARISED_AUTHORITY, Form.ORIGINAL, Who.REPRESENTATIVE)


def _each(given: Circumstances, papers: Sequence[Paper | None], form: Form) -> Iterator[Line]:
    """One line where both bring the same, else one for whoever needs it."""
    if len(papers) > 1 and papers[0] is papers[1]:
        if papers[0] is not None:
            yield Line(papers[0], form, Who.BOTH)
        return
    for paper, who in zip(papers, (Who.FIRST, Who.SECOND), strict=False):
        if paper is not None:
            yield Line(paper, form, who if len(given.groups) > 1 else Who.APPLICANT)
