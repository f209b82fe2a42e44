"""What is published says what the code does: the public page of the rules, and docs/privacy.md."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.kernel.clock import now
from backend.kernel.personal_data import Period
from backend.parameters import set_value
from backend.people.rights.consent import purposes
from backend.people.rights.notice import NOTICES, current_notice
from backend.people.rights.parameters import BUREAU_ADDRESS, BUREAU_PHONE
from backend.people.rights.texts import kept_for
from backend.personal_data import HOLDINGS, NOT_BY_PERSON, NOT_OF_RESIDENTS, RULES
from tests.docs.pages import names_in_first_cells, row_of, rows, section
from tests.flows.tester import FORBIDDEN

PRIVACY = "docs/privacy.md"


@pytest.fixture
def page(client: FlaskClient) -> str:
    """The public page."""
    answer = client.get("/h5/privacy")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def in_english(period: Period) -> str:
    """A period as docs/privacy.md writes it."""
    for name in ("months", "days", "hours"):
        if number := getattr(period, name):
            return f"{number} {name if number > 1 else name[:-1]}"
    return "at once"


# --- the public page ---


def test_the_page_has_every_chapter_purpose_and_time_of_keeping(page: str):
    for title, paragraphs in current_notice().chapters:
        assert title in page
        assert all(paragraph in page for paragraph in paragraphs)
    assert all(purpose.title in page and purpose.text in page for purpose in purposes())
    ours = {table for holding in HOLDINGS for table in holding.tables}
    for rule in RULES:
        assert (rule.title in page) is bool(ours & set(rule.tables)), rule.name
        if ours & set(rule.tables):
            assert kept_for(rule.keep) in page, rule.name


def test_the_page_is_for_everybody_and_loads_nothing_from_elsewhere(client: FlaskClient):
    answer = client.get("/h5/privacy")
    page = answer.get_data(as_text=True)
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["/h5/assets/h5.css", "tel:12345"]
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert client.get("/h5/assets/h5.css").status_code == 200
    assert client.get("/h5/assets/../pages.py").status_code == 404


def test_the_page_says_how_to_reach_the_bureau_as_it_has_set(client: FlaskClient):
    set_value(BUREAU_PHONE, "", "029-87654321", now(), "test")
    set_value(BUREAU_ADDRESS, "", "长乐中路28号", now(), "test")
    page = client.get("/h5/privacy").text
    assert 'href="tel:029-87654321"' in page
    assert "长乐中路28号" in page


def test_the_words_are_plain(page: str):
    # The page is everybody's and tells what is kept of whom; a chat, which others may see, never names this business.
    said = re.sub(r"<[^>]+>", "", page).replace("离婚登记申请", "")
    assert not FORBIDDEN.search(said.replace("{", "").replace("}", "")), FORBIDDEN.search(said)


def test_versions_grow_and_each_has_its_text():
    versions = [notice.version for notice in NOTICES]
    assert versions == list(range(1, len(NOTICES) + 1))
    assert sorted(NOTICES, key=lambda notice: notice.effective_from) == list(NOTICES)
    assert all(notice.chapters for notice in NOTICES)


def test_the_api_tells_the_same_address(app: Flask, client: FlaskClient):
    url = client.get("/api/v1/privacy-notice").get_json()["url"]
    assert url == f"{app.extensions['settings'].public_base_url}/h5/privacy"


# --- docs/privacy.md ---


def test_every_table_stands_where_its_list_says():
    page = section(PRIVACY, "## What is kept where")
    by_room, elsewhere = page.split("**Nobody can be asked for here**")
    not_by_person, bureau = elsewhere.split("**Members of staff and the bureau itself**")
    assert names_in_first_cells(by_room) == {table for holding in HOLDINGS for table in holding.tables}
    assert names_in_first_cells(not_by_person) == set(NOT_BY_PERSON)
    assert all(f"`{table}`" in bureau for table in NOT_OF_RESIDENTS)
    for holding in HOLDINGS:
        assert f"**{holding.name}**" in by_room, holding.name


def test_every_rule_is_written_down_with_its_time():
    table = section(PRIVACY, "## Times of keeping")
    assert names_in_first_cells(table) == {rule.name for rule in RULES}
    for rule in RULES:
        assert f"| {'at least ' if rule.run is None else ''}{in_english(rule.keep)} |" in row_of(table, rule.name)


def test_every_point_of_the_law_names_what_shows_it():
    points = rows(section(PRIVACY, "## The law, point by point"))
    assert len(points) >= 15
    assert [cells[0] for cells in points if not all(cells)] == []
