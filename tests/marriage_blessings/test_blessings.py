"""Guests' words: nobody reads them before they were looked at (wechat-protocol §6.6, §10 no. 14)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.kernel.personal_data import Batch
from backend.marriage.blessings import texts
from backend.marriage.blessings.check import check_next
from backend.marriage.blessings.decide import decide_blessing, hide_blessing
from backend.marriage.blessings.holdings import blessings_holding, blessings_rules, join_guests
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.queries import shown_blessings
from backend.marriage.blessings.rules import MOST_ON_A_PAGE, BlessingState, Finding, holds_numbers, tidy
from backend.marriage.blessings.write import write_blessing
from backend.marriage.ceremonies.cloud import choose_cloud
from backend.marriage.ceremonies.follow import end_clouds
from backend.people import identity_for, log_in
from backend.storage import transaction
from backend.wechat.errors import Busy, IdleUser, Misconfigured, QuotaExceeded, WeChatError
from backend.wechat.security import Suggestion
from messages import Product
from tests.concurrency.support import all_at_once
from tests.marriage.support import code_of
from tests.marriage_blessings.conftest import Page, WeChatsWord, blessing, make_guest
from tests.marriage_ceremonies.support import Couple
from tests.marriage_divorce.support import make_registrar
from tests.messages.support import ACCOUNT_APP, MINI_APP

WORDS = "百年好合，白头偕老！"


def shown(page: Page) -> list[str]:
    return [one.words for one in shown_blessings(page.cloud_id)]


@pytest.mark.parametrize(
    ("said", "finding", "state"),
    [
        (Suggestion.PASS, Finding.PASS, BlessingState.SHOWN),
        (Suggestion.REVIEW, Finding.REVIEW, BlessingState.REVIEW),
        (Suggestion.RISKY, Finding.RISKY, BlessingState.HIDDEN),
        (IdleUser(61010), Finding.UNASKED, BlessingState.REVIEW),
        (Misconfigured(48001), Finding.UNASKED, BlessingState.REVIEW),
    ],
)
def test_what_each_verdict_leads_to(
    page: Page, word: WeChatsWord, said: Suggestion | WeChatError, finding: Finding, state: BlessingState
) -> None:
    made = write_blessing(page.token, make_guest(), "大姨", WORDS)
    assert (made.state, shown(page)) == (BlessingState.CHECKING, [])
    assert word.looks(said) == 1
    assert word.asked == [(MINI_APP, "oGuest00000000000000000000001", f"大姨：{WORDS}")]
    row = blessing(made.id)
    assert (row.finding, row.state, row.next_at) == (finding, state, None)
    assert shown(page) == ([WORDS] if state is BlessingState.SHOWN else [])


def test_whoever_never_used_the_miniprogram_is_read_by_a_person(page: Page, word: WeChatsWord) -> None:
    guest = identity_for(Product.ACCOUNT, ACCOUNT_APP, "oFollower0000000000000000001").person_id
    made = write_blessing(page.token, guest, "老同学", WORDS)
    assert word.looks() == 1
    assert (word.asked, blessing(made.id).state) == ([], BlessingState.REVIEW)


def test_while_wechat_is_busy_they_wait_and_nobody_sees_them(
    page: Page, word: WeChatsWord, clock: MovableClock
) -> None:
    made = write_blessing(page.token, make_guest(), "大姨", WORDS)
    midnight = (now() + timedelta(days=1)).replace(hour=0, minute=0)
    assert word.looks(QuotaExceeded(45009)) == 1
    assert (blessing(made.id).next_at, shown(page)) == (midnight, [])
    clock.move_to(midnight)
    for _ in range(5):
        assert word.looks(Busy(-1)) == 1
        assert word.looks() == 0, "not before its time"
        clock.advance(timedelta(hours=3))
    assert (blessing(made.id).state, blessing(made.id).finding) == (BlessingState.REVIEW, Finding.UNASKED)


def test_a_verdict_on_older_words_changes_nothing(page: Page, word: WeChatsWord) -> None:
    guest = make_guest()
    made = write_blessing(page.token, guest, "大姨", WORDS)

    def while_asked(app_id: str, openid: str, text: str) -> object:
        write_blessing(page.token, guest, "大姨", "加微信领红包")
        return word(app_id, openid, text)

    assert check_next(while_asked)  # type: ignore[arg-type]
    assert (blessing(made.id).state, shown(page)) == (BlessingState.CHECKING, [])
    assert word.looks(Suggestion.RISKY) == 1
    assert blessing(made.id).state is BlessingState.HIDDEN


def test_writing_again_replaces_and_is_looked_at_again(page: Page, word: WeChatsWord) -> None:
    guest = make_guest()
    first = write_blessing(page.token, guest, "大姨", WORDS)
    word.looks()
    assert write_blessing(page.token, guest, " 大姨 ", f"{WORDS}\n").state is BlessingState.SHOWN, "the same words"
    again = write_blessing(page.token, guest, "大姨", "新婚快乐")
    assert (again.id, again.state, shown(page)) == (first.id, BlessingState.CHECKING, [])


@pytest.mark.parametrize(
    ("name", "words", "field"),
    [
        ("", WORDS, "name"),
        ("一二三四五六七八九十一", WORDS, "name"),
        ("大姨", " \u2028 ", "words"),
        ("大姨", "好" * 61, "words"),
        ("大姨", "我的电话 138 0013 8311", "words"),
        ("13800138311", WORDS, "name"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(page: Page, name: str, words: str, field: str) -> None:
    with pytest.raises(AppError) as refusal:
        write_blessing(page.token, make_guest(), name, words)
    assert (refusal.value.code, list(refusal.value.errors or {})) == ("invalid", [field])


def test_numbers_are_known_however_they_are_written() -> None:
    for text in ("13800138311", "138-0013-8311", "１３８００１３８３１１", "61010219900101123X"):
        assert holds_numbers(text), text
    for text in ("2026年11月26日", "1314520", "88 88"):
        assert not holds_numbers(text), text
    assert tidy("\x00早\n生\r\n贵子\u2029") == "早 生 贵子"


def test_the_couple_takes_one_away_for_good(page: Page, word: WeChatsWord, couple: Callable[..., Couple]) -> None:
    guest = make_guest()
    made = write_blessing(page.token, guest, "前任", "后会有期")
    assert code_of(lambda: hide_blessing(page.ceremony_id, made.id, page.two.first)) == "state_conflict"
    word.looks()
    assert code_of(lambda: hide_blessing(page.ceremony_id, made.id, couple(1).first)) == "not_found"
    assert code_of(lambda: hide_blessing(page.ceremony_id, made.id, guest)) == "not_found"
    for _ in range(2):
        assert hide_blessing(page.ceremony_id, made.id, page.two.second).state is BlessingState.HIDDEN
    assert shown(page) == []
    assert code_of(lambda: write_blessing(page.token, guest, "前任", "还是我")) == "state_conflict"


def test_staff_decide_what_wechat_could_not(page: Page, word: WeChatsWord) -> None:
    registrar = make_registrar()
    made = write_blessing(page.token, make_guest(), "大姨", WORDS)
    assert code_of(lambda: decide_blessing(page.ceremony_id, made.id, registrar, show=True)) == "state_conflict"
    word.looks(Suggestion.REVIEW)
    assert decide_blessing(page.ceremony_id, made.id, registrar, show=True).decided_by == registrar
    assert shown(page) == [WORDS]
    decide_blessing(page.ceremony_id, made.id, registrar, show=False)
    assert shown(page) == []
    assert code_of(lambda: decide_blessing(uuid.uuid4(), made.id, registrar, show=True)) == "not_found"


def test_the_database_shows_nothing_unread(page: Page, word: WeChatsWord) -> None:
    made = write_blessing(page.token, make_guest(), "大姨", WORDS)
    word.looks(Suggestion.RISKY)
    with pytest.raises(sa.exc.IntegrityError, match="looked_at"), transaction() as session:
        session.execute(sa.update(Blessing).where(Blessing.id == made.id).values(state=BlessingState.SHOWN))


def test_a_page_has_room_for_so_many_however_many_write_at_once(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.marriage.blessings.write.MOST_ON_A_PAGE", 3)
    guests = [make_guest(f"oGuest{number:022d}") for number in range(6)]
    done = all_at_once(6, lambda index: write_blessing(page.token, guests[index], "客人", WORDS))
    assert dict(done) == {"done": 3, "state_conflict": 3}
    assert MOST_ON_A_PAGE == 100


def test_a_double_tap_is_one_row(page: Page) -> None:
    guest = make_guest()
    assert dict(all_at_once(4, lambda _index: write_blessing(page.token, guest, "大姨", WORDS))) == {"done": 4}
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Blessing)) == 1


def test_all_words_go_with_the_page(page: Page, word: WeChatsWord, clock: MovableClock) -> None:
    (rule,) = blessings_rules
    assert rule.run is not None
    guest = make_guest()
    write_blessing(page.token, guest, "大姨", WORDS)
    word.looks()
    assert rule.run(Batch(now(), 10)) == 0
    choose_cloud(page.ceremony_id, page.two.second, given=False)
    assert code_of(lambda: write_blessing(page.token, guest, "大姨", "再祝")) == "not_found"
    assert rule.run(Batch(now(), 10, held=[guest])) == 0, "legal hold"
    assert rule.run(Batch(now(), 10)) == 1
    clock.advance(timedelta(days=60))
    end_clouds()


def test_a_guest_sees_and_erases_their_own(page: Page) -> None:
    guest, other = make_guest(), make_guest("oGuest00000000000000000000002")
    write_blessing(page.token, guest, "大姨", WORDS)
    write_blessing(page.token, other, "二姨", WORDS)
    with transaction():
        (section,) = blessings_holding.collect(guest)
        assert [(record[texts.L_NAME], record[texts.L_WORDS]) for record in section.records] == [("大姨", WORDS)]
        join_guests(other, guest)
        (section,) = blessings_holding.collect(guest)
        assert len(section.records) == 1, "who wrote twice counts once"
        assert blessings_holding.erase(guest) == {"marriage_blessings": 1}


def test_guests_use_the_miniprogram_and_the_couple_reads(page: Page, word: WeChatsWord, client: FlaskClient) -> None:
    def headers(openid: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {log_in(MINI_APP, openid, None).token}"}

    guest, address = headers("oGuest00000000000000000000001"), f"/api/v1/marriage/cloud-pages/{page.token}"
    empty = client.get(address, headers=guest).get_json()
    assert (empty["link"], empty["blessings"], empty["own"]) == ("https://video.example.cn/a", [], None)
    sent = client.post(f"{address}/blessing", json={"name": "大姨", "words": WORDS}, headers=guest)
    assert (sent.status_code, sent.get_json()["state"]) == (200, "checking")
    assert client.get(address, headers=headers("oOther")).get_json()["blessings"] == []
    word.looks()
    seen = client.get(address, headers=headers("oOther")).get_json()
    assert ([one["words"] for one in seen["blessings"]], seen["own"]) == ([WORDS], None)
    assert client.get(f"{address}x", headers=guest).status_code == 404
    wrong = client.post(f"{address}/blessing", json={"name": "大姨", "words": "好" * 61}, headers=guest)
    assert (wrong.status_code, wrong.get_json()["errors"]) == (422, {"words": [texts.WORDS_FORM]})
    public = client.get(f"/h5/ceremony/{page.token}")
    assert WORDS in public.text
    assert f'href="/h5/ceremony/{page.token}/blessing"' in public.text
