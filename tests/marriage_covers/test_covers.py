"""The picture on a page: no guest sees it before it was looked at (wechat-protocol §6.6, §10 no. 14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.files import vault
from backend.files.models import Upload
from backend.files.rules import UploadState
from backend.kernel.clock import MovableClock, now
from backend.kernel.personal_data import Batch
from backend.marriage.blessings.rules import Finding
from backend.marriage.ceremonies.cloud import choose_cloud
from backend.marriage.covers import texts
from backend.marriage.covers.check import take_verdicts
from backend.marriage.covers.decide import decide_cover
from backend.marriage.covers.holdings import covers_holding, covers_rules, join_covers
from backend.marriage.covers.models import Cover
from backend.marriage.covers.put import put_cover
from backend.marriage.covers.rules import MOST_BYTES, CoverState
from backend.storage import transaction
from backend.wechat.errors import Busy, IdleUser
from messages.models import Address
from tests.concurrency.support import all_at_once
from tests.files.samples import jpeg, pdf, plain_jpeg, png
from tests.marriage.support import code_of
from tests.marriage_blessings.conftest import Page
from tests.marriage_ceremonies.support import Couple
from tests.marriage_covers.conftest import Phone, WeChat, cover
from tests.marriage_divorce.support import make_registrar

Phones = Callable[..., Phone]
RED, BLUE = png(pixels=b"red"), png(pixels=b"blue")


def guests_see(client: FlaskClient, page: Page) -> TestResponse | None:
    """The picture by the link; None where the page shows none."""
    address = f"/h5/ceremony/{page.token}"
    shown = f'src="{address}/cover"' in client.get(address).text
    answer = client.get(f"{address}/cover")
    assert shown is (answer.status_code == 200), answer.status_code
    return answer if shown else None


def files_kept() -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).where(Upload.state == UploadState.FETCHED)) or 0


def test_it_is_shown_once_wechat_has_passed_it(
    page: Page, phone: Phones, client: FlaskClient, wechat: WeChat, clock: MovableClock
) -> None:
    first, own = phone(page.two.first), f"/api/v1/marriage/ceremonies/{page.ceremony_id}"
    sent = first.sends(page.ceremony_id, jpeg())
    assert (sent.status_code, sent.get_json()["state"], sent.get_json()["told"]) == (
        200,
        "checking",
        texts.SAID[CoverState.CHECKING],
    )
    assert guests_see(client, page) is None
    assert wechat.asked() == 1
    path = wechat.addresses[0][wechat.addresses[0].index("/h5/") :]
    fetched = client.get(path)
    assert (fetched.data, fetched.mimetype) == (plain_jpeg(), "image/jpeg")
    assert fetched.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert fetched.headers["Cache-Control"] == "no-store"
    assert client.get(f"{path}x").status_code == 404
    assert (wechat.says("pass", "another's"), guests_see(client, page)) == (0, None)
    clock.advance(timedelta(minutes=11))
    assert client.get(path).status_code == 404, "after ten minutes"
    assert wechat.says("pass") == 1
    seen = guests_see(client, page)
    assert seen is not None
    assert (seen.data, seen.mimetype, seen.headers["X-Content-Type-Options"]) == (plain_jpeg(), "image/jpeg", "nosniff")
    assert client.get(own, headers=first.headers).get_json()["cloud"]["cover"]["state"] == "shown"
    public = client.get(f"/api/v1/marriage/cloud-pages/{page.token}", headers=first.headers).get_json()
    assert public["cover"].endswith(f"/h5/ceremony/{page.token}/cover")
    assert first.sends(page.ceremony_id, jpeg()).get_json()["state"] == "shown", "the same one again"
    for _ in range(2):
        assert phone(page.two.second).removes(page.ceremony_id).status_code == 204
    assert (guests_see(client, page), files_kept()) == (None, 0)


@pytest.mark.parametrize(
    ("said", "state"), [("risky", CoverState.HIDDEN), ("review", CoverState.REVIEW), ("odd", CoverState.REVIEW)]
)
def test_what_else_wechat_says(
    page: Page, phone: Phones, client: FlaskClient, wechat: WeChat, said: str, state: CoverState
) -> None:
    phone(page.two.first).sends(page.ceremony_id, RED)
    wechat.asked()
    path = wechat.addresses[0][wechat.addresses[0].index("/h5/") :]
    assert (wechat.says(said), cover().state, guests_see(client, page)) == (1, state, None)
    assert client.get(path).status_code == 404, "with the verdict its address ends"
    registrar = make_registrar()
    if said == "risky":
        assert code_of(lambda: decide_cover(page.ceremony_id, cover().id, registrar, show=True)) == "state_conflict"
    else:
        decide_cover(page.ceremony_id, cover().id, registrar, show=True)
    assert (guests_see(client, page) is None) is (said == "risky")


def test_a_verdict_on_a_picture_that_was_replaced_changes_nothing(
    page: Page, phone: Phones, client: FlaskClient, wechat: WeChat
) -> None:
    first = phone(page.two.first)
    first.sends(page.ceremony_id, RED)
    wechat.asked()
    stale, path = wechat.trace, wechat.addresses[0][wechat.addresses[0].index("/h5/") :]
    assert first.sends(page.ceremony_id, BLUE).get_json()["state"] == "checking"
    assert client.get(path).status_code == 404, "the old one is gone"
    assert wechat.asked() == 1
    assert (wechat.says("pass", stale), guests_see(client, page), files_kept()) == (0, None, 1)
    assert wechat.says("risky") == 1
    assert guests_see(client, page) is None


def test_silence_and_idle_people_go_to_the_staff(
    page: Page, phone: Phones, wechat: WeChat, clock: MovableClock
) -> None:
    first = phone(page.two.first)
    first.sends(page.ceremony_id, RED)
    assert (wechat.asked(), take_verdicts()) == (1, 0)
    clock.advance(timedelta(minutes=30))
    assert (take_verdicts(), cover().state, cover().finding) == (1, CoverState.REVIEW, Finding.UNASKED)
    first.sends(page.ceremony_id, BLUE)
    wechat.failure = IdleUser(61010)
    assert (wechat.asked(), cover().state) == (1, CoverState.REVIEW)
    first.sends(page.ceremony_id, RED)
    wechat.failure = Busy(-1)
    for _ in range(6):
        assert wechat.asked() == 1
        assert wechat.asked() == 0, "not before its time"
        clock.advance(timedelta(hours=3))
    assert cover().state is CoverState.REVIEW
    with transaction() as session:
        session.execute(sa.delete(Address))
    first.sends(page.ceremony_id, BLUE)
    assert (wechat.asked(), cover().state, wechat.addresses[1:]) == (1, CoverState.REVIEW, [])


def test_what_is_no_picture_is_refused_in_words(page: Page, phone: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    first = phone(page.two.first)
    for body, told in (
        (pdf(), "只收 JPG 或 PNG 照片"),
        (b"GIF89a", "只收 JPG 或 PNG 照片"),
        (b"", "空的"),
        (jpeg()[:20], "不完整"),
        (jpeg(after=bytes(MOST_BYTES)), "超过了3MB"),
    ):
        answer = first.sends(page.ceremony_id, body)
        assert (answer.status_code, told in answer.get_json()["detail"]) == (422, True), answer.text
        assert list(answer.get_json()["errors"]) == ["picture"]
    assert first.sends(page.ceremony_id, bytes(MOST_BYTES + (1 << 20))).status_code == 413
    empty = first.client.post(f"/api/v1/marriage/ceremonies/{page.ceremony_id}/cover", headers=first.headers)
    assert empty.status_code == 422
    monkeypatch.setattr(vault._Process, "scanner", lambda _body: False)
    assert "安全检查" in first.sends(page.ceremony_id, RED).get_json()["detail"]
    assert files_kept() == 0


def test_it_is_for_the_two_alone_and_once_both_agreed(page: Page, phone: Phones, couple: Callable[..., Couple]) -> None:
    stranger = phone(couple(1).first)
    assert stranger.sends(page.ceremony_id, RED).status_code == 404
    assert stranger.removes(page.ceremony_id).status_code == 404
    assert phone(page.two.first).removes(page.ceremony_id).status_code == 204, "nothing there is what was wanted"
    choose_cloud(page.ceremony_id, page.two.second, given=False)
    refused = phone(page.two.first).sends(page.ceremony_id, RED)
    assert (refused.status_code, refused.get_json()["detail"]) == (409, texts.NOT_AGREED)


def test_two_pictures_at_once_leave_one(page: Page, wechat: WeChat) -> None:
    pictures = [png(pixels=bytes([number])) for number in range(4)]
    outcomes = all_at_once(4, lambda index: put_cover(page.ceremony_id, page.two.first, pictures[index]))
    assert (dict(outcomes), files_kept(), wechat.asked()) == ({"done": 4}, 1, 1)


@pytest.mark.parametrize("finding", [Finding.RISKY, Finding.REVIEW])
def test_the_database_shows_nothing_that_nobody_looked_at(page: Page, wechat: WeChat, finding: Finding) -> None:
    put_cover(page.ceremony_id, page.two.first, RED)
    values = {"state": CoverState.SHOWN, "finding": finding, "next_at": None}
    with pytest.raises(sa.exc.IntegrityError, match="looked_at"), transaction() as session:
        session.execute(sa.update(Cover).values(values))


def test_it_goes_with_the_page_and_with_the_account(page: Page, couple: Callable[..., Couple]) -> None:
    (rule,) = covers_rules
    assert rule.run is not None
    other = couple(1).first
    put_cover(page.ceremony_id, page.two.first, RED)
    with transaction():
        (section,) = covers_holding.collect(page.two.first)
        assert [record[texts.L_STATE] for record in section.records] == ["正在检查"]
        join_covers(page.two.first, other)
    assert (cover().person_id, rule.run(Batch(now(), 10))) == (other, 0)
    with transaction():
        assert covers_holding.erase(other) == {"marriage_covers": 1}
    put_cover(page.ceremony_id, page.two.first, RED)
    choose_cloud(page.ceremony_id, page.two.second, given=False)
    assert rule.run(Batch(now(), 10, held=[page.two.first])) == 0, "legal hold"
    assert (rule.run(Batch(now(), 10)), files_kept()) == (1, 0)


def test_a_file_whose_page_went_with_its_ceremony_is_found(page: Page) -> None:
    (rule,) = covers_rules
    assert rule.run is not None
    put_cover(page.ceremony_id, page.two.first, RED)
    with transaction() as session:
        session.execute(sa.delete(Cover))
    assert (files_kept(), rule.run(Batch(now(), 10)), files_kept()) == (1, 1, 0)
