"""The checklist (domain-rules §2.3): pure, in words, through the API and on the page that prints."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient

from backend.marriage.kinds import Kind, ResidentGroup
from backend.marriage.papers.checklist import (
    Circumstances,
    Form,
    History,
    Line,
    Lost,
    Paper,
    PaperRules,
    Who,
    checklist,
)
from backend.marriage.papers.texts import PAPERS, wording

RULES = PaperRules(3, 2, True, "红底", False, 6)
MAINLAND, HONG_KONG, FOREIGN = ResidentGroup.MAINLAND, ResidentGroup.HONG_KONG, ResidentGroup.FOREIGN
BOTH = (MAINLAND, MAINLAND)


def papers(kind: Kind, **given: Any) -> list[Paper]:
    return [line.paper for line in checklist(Circumstances(kind, **given), RULES)]


def test_two_of_the_mainland_need_cards_photos_and_a_signature() -> None:
    """条例 art 8; nobody has to bring a 户口簿."""
    assert checklist(Circumstances(Kind.MARRIAGE_REGISTRATION), RULES) == [
        Line(Paper.IDENTITY_CARD, Form.ORIGINAL, Who.BOTH),
        Line(Paper.PHOTOS_TOGETHER, Form.ORIGINAL, Who.BOTH, 3),
        Line(Paper.DECLARATION_TO_MARRY, Form.ON_SITE, Who.BOTH),
    ]


def test_each_brings_what_their_group_needs() -> None:
    lines = checklist(Circumstances(Kind.MARRIAGE_REGISTRATION, (FOREIGN, MAINLAND)), RULES)
    assert [(line.paper, line.who) for line in lines[:4]] == [
        (Paper.FOREIGN_IDENTITY, Who.FIRST),
        (Paper.IDENTITY_CARD, Who.SECOND),
        (Paper.NO_SPOUSE_FOREIGN, Who.FIRST),
        (Paper.TRANSLATION, Who.FIRST),
    ]
    assert Paper.NO_SPOUSE_HMT in papers(Kind.MARRIAGE_REGISTRATION, groups=(MAINLAND, HONG_KONG))


def test_what_happened_before() -> None:
    lines = checklist(Circumstances(Kind.MARRIAGE_REGISTRATION, BOTH, (History.DIVORCED, History.WIDOWED)), RULES)
    told = {line.paper: line.who for line in lines}
    assert (told[Paper.DIVORCE_PROOF], told[Paper.DEATH_PROOF]) == (Who.FIRST, Who.SECOND)


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (Lost.NONE, {Paper.MARRIAGE_CERTIFICATE}),
        (Lost.ONE, {Paper.MARRIAGE_CERTIFICATE, Paper.LOSS_STATEMENT}),
        (Lost.BOTH, {Paper.LOSS_STATEMENT, Paper.ARCHIVE_COPY}),
    ],
)
def test_lost_certificates(lost: Lost, expected: set[Paper]) -> None:
    wanted = {Paper.MARRIAGE_CERTIFICATE, Paper.LOSS_STATEMENT, Paper.ARCHIVE_COPY}
    assert set(papers(Kind.DIVORCE_APPLICATION, lost=lost)) & wanted == expected


def test_the_agreement_comes_when_the_bureau_says() -> None:
    early = PaperRules(3, 2, True, "", True, 6)
    assert Paper.AGREEMENT not in papers(Kind.DIVORCE_APPLICATION)
    assert Paper.AGREEMENT in [line.paper for line in checklist(Circumstances(Kind.DIVORCE_APPLICATION), early)]
    assert Paper.AGREEMENT in papers(Kind.DIVORCE_CERTIFICATE)


def test_a_proxy_brings_a_notarised_authority() -> None:
    assert Paper.NOTARISED_AUTHORITY in papers(Kind.ARCHIVE_QUERY, groups=(MAINLAND,), proxy=True)
    assert Paper.NOTARISED_AUTHORITY not in papers(Kind.ARCHIVE_QUERY, groups=(MAINLAND,))


def test_every_line_of_every_case_has_words_and_none_asks_for_a_household_register() -> None:
    seen = set()
    for kind, first, second, history, lost, proxy in product(
        Kind, ResidentGroup, ResidentGroup, History, Lost, (False, True)
    ):
        for line in checklist(Circumstances(kind, (first, second), (history, history), lost, proxy), RULES):
            told = wording(line, RULES)
            assert told
            assert not re.search(r"[{}]|户口", told)
            seen.add(line.paper)
    assert seen | {Paper.AGREEMENT} == set(PAPERS) == set(Paper)


@pytest.mark.usefixtures("office")
def test_the_list_through_the_api(client: FlaskClient) -> None:
    answer = client.get("/api/v1/marriage/papers?kind=marriage_registration&groups=mainland,foreign&history=divorced")
    assert answer.status_code == 200
    forms = {item["paper"]: item["form"] for item in answer.json["items"]}
    assert forms["《申请结婚登记声明书》"] == "on_site"
    assert any("无配偶证明" in paper for paper in forms)
    assert "12338" in answer.json["safety"]
    assert client.get("/api/v1/marriage/papers?kind=nothing").status_code == 422


@pytest.mark.usefixtures("office")
def test_the_page_that_prints(client: FlaskClient) -> None:
    page = client.get("/h5/marriage/papers?kind=marriage_certificate_reissue")
    assert page.status_code == 200
    assert "合影3张" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "现场填写" in client.get("/h5/marriage/papers?kind=nothing").text
    assert (
        "离婚" not in re.search("<title>.*</title>", client.get("/h5/marriage/papers?kind=divorce_application").text)[0]
    )  # type: ignore[index]
