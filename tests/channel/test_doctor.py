"""`flask doctor` on WeChat: each step says in a sentence what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from backend.channel import checks, texts
from backend.channel.finding import Finding
from backend.channel.menu import elders_menu, our_menu
from backend.console.channel_pages import texts as page_texts
from backend.doctor import examine
from backend.kernel.clock import now, system_clock
from backend.kernel.ids import new_id
from backend.people.models import Person, WeChatIdentity
from backend.storage import transaction
from backend.wechat.errors import BadContent, UnknownError
from backend.wechat.quotas import Limit
from messages.alarms import raise_alarm
from messages.models import Channel, Product
from messages.outcomes import VERDICTS, verdict_for
from messages.ways import Way
from tests.channel.conftest import APPOINTMENT, MENU_GET, Approved
from tests.story.world import served
from tests.wechat.stand_in import Reply, StandIn, refusal, success

TOKEN = "/cgi-bin/stable_token"


def found(app: Flask, subject: str) -> Finding:
    return next(one for one in checks.look_at_wechat(app, database_works=True) if one.subject == subject)


@contextmanager
def reachable(app: Flask, make_settings: Any, monkeypatch: pytest.MonkeyPatch, **changes: str) -> Iterator[None]:
    """The application on a port of its own, which its settings name."""
    with served(app) as address:
        base = app.extensions["settings"].wechat_api_base_url
        changed = make_settings(WECHAT_API_BASE_URL=base, PUBLIC_BASE_URL=address, **changes)
        monkeypatch.setitem(app.extensions, "settings", changed)
        yield


def test_a_demonstration_is_told_from_a_real_account(connected: Flask, make_settings: Any) -> None:
    sandbox = make_settings(WECHAT_API_BASE_URL="http://127.0.0.1:8001")
    assert checks.settings_finding(sandbox).ok is None
    assert checks.settings_finding(make_settings(WECHAT_API_BASE_URL=checks.WECHAT)).ok is True


@pytest.mark.parametrize(
    ("url", "ok"),
    [
        ("https://mz.example.cn", True),
        ("https://mz.example.cn:443", True),
        ("https://mz.example.cn:8443", None),
        ("http://mz.example.cn", None),
        ("https://203.0.113.7", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_the_address_is_one_wechat_accepts(make_settings: Any, url: str, ok: bool | None) -> None:
    finding = checks.address_finding(make_settings(PUBLIC_BASE_URL=url))
    assert finding.ok is ok
    assert url in finding.sentence


def test_two_apps_are_two(make_settings: Any) -> None:
    assert checks.apps_finding(make_settings()).ok is True
    same = make_settings().account
    mixed = make_settings(WECHAT_MINIPROGRAM_APP_ID=same.app_id)
    assert checks.apps_finding(mixed).ok is False


@pytest.mark.parametrize(("apart", "ok"), [(0, True), (55, True), (3600, False), (-3600, False)])
def test_the_clock_is_compared(connected: Flask, monkeypatch: pytest.MonkeyPatch, apart: int, ok: bool) -> None:
    monkeypatch.setattr(checks, "system_clock", lambda: system_clock() + timedelta(seconds=apart))
    assert found(connected, texts.CLOCK).ok is ok


def test_a_clock_nobody_tells(make_settings: Any) -> None:
    finding = checks.clock_finding(make_settings())
    assert finding.ok is False
    assert "ConnectError" in finding.sentence


def test_the_callback_is_asked_as_wechat_asks(
    connected: Flask, make_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = texts.CALLBACK.format(app=texts.ACCOUNT)
    with monkeypatch.context() as patched:  # nobody listens on the discard port, whatever else runs on this machine
        base = connected.extensions["settings"].wechat_api_base_url
        nowhere = make_settings(WECHAT_API_BASE_URL=base, PUBLIC_BASE_URL="http://127.0.0.1:9")
        patched.setitem(connected.extensions, "settings", nowhere)
        assert found(connected, subject).ok is False
    with reachable(connected, make_settings, monkeypatch):
        for app in (texts.ACCOUNT, texts.MINIPROGRAM):
            assert found(connected, texts.CALLBACK.format(app=app)).ok is True
    with reachable(connected, make_settings, monkeypatch, WECHAT_ACCOUNT_TOKEN="another"):
        finding = found(connected, subject)
        assert (finding.ok, "HTTP 403" in finding.sentence) == (False, True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(40164), "IP白名单"),
        (refusal(40125), "AppSecret"),
        (refusal(40013), "WECHAT_ACCOUNT_APP_ID"),
        (refusal(-1), "正忙"),
        (refusal(45009), "用完"),
        (refusal(48004), "停用"),
        (refusal(50002), "50002"),
        (Reply(status=502), "连不上"),
    ],
)
def test_why_there_is_no_token(connected: Flask, wechat: StandIn, answer: Reply, said: str) -> None:
    wechat.token_answer = lambda: answer
    finding = found(connected, texts.CREDENTIAL.format(app=texts.ACCOUNT))
    assert finding.ok is False
    assert said in finding.sentence


def test_pages_can_be_signed(connected: Flask, wechat: StandIn) -> None:
    settings, (account, _) = connected.extensions["settings"], checks.connections(connected)
    account.client.tickets.rejected("TICKET")  # of an earlier test
    wechat.answers["/cgi-bin/ticket/getticket"] = lambda _call: refusal(48001)
    refused = checks.pages_finding(settings, account)
    assert (refused.ok, "接口权限" in refused.sentence, "/h5/reminders" in refused.sentence) == (False, True, True)
    wechat.answers["/cgi-bin/ticket/getticket"] = lambda _call: success(ticket="TICKET", expires_in=7200)
    signed = checks.pages_finding(settings, account)
    assert (signed.ok, "“JS接口安全域名”都填成 127.0.0.1" in signed.sentence) == (True, True)
    assert "TICKET" not in signed.sentence


def test_the_menu_is_compared_with_ours(connected: Flask, wechat: StandIn) -> None:
    assert "menu publish" in found(connected, texts.MENU_SUBJECT).sentence
    wechat.answers[MENU_GET] = lambda _call: success(menu=our_menu(), conditionalmenu=[elders_menu()])
    assert found(connected, texts.MENU_SUBJECT).ok is True
    wechat.answers[MENU_GET] = lambda _call: success(menu=elders_menu())
    assert found(connected, texts.MENU_SUBJECT).ok is False
    wechat.answers[MENU_GET] = lambda _call: refusal(48001)
    finding = found(connected, texts.MENU_SUBJECT)
    assert (finding.ok, "48001" in finding.sentence) == (False, True)


def test_templates_are_compared(connected: Flask, approved: Approved) -> None:
    subject = texts.TEMPLATES.format(app=texts.ACCOUNT)
    finding = found(connected, subject)
    assert (finding.ok, "marriage.archive_" in finding.sentence) == (None, True)
    approved.add("T", "预约确认通知", APPOINTMENT)
    finding = found(connected, subject)
    assert (finding.ok, "templates sync" in finding.sentence) == (False, True)


def test_quotas_are_told(connected: Flask, make_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = texts.QUOTA.format(app=texts.ACCOUNT)
    assert found(connected, subject).ok is True
    quotas = connected.extensions["wechat_account"].quotas
    monkeypatch.setattr(quotas, "_limits", lambda: {"/cgi-bin/menu/get": Limit(10)})
    for _ in range(7):
        with quotas.used("/cgi-bin/menu/get"):
            pass
    finding = checks.quota_finding(checks.connections(connected)[0])
    assert (finding.ok, "8 / 10" in finding.sentence) == (None, True)
    quotas._closures.close(quotas._app_id, "/cgi-bin/menu/get", now() + timedelta(hours=1), None)
    assert checks.quota_finding(checks.connections(connected)[0]).ok is False


def test_a_unionid_that_came_is_known(connected: Flask) -> None:
    assert checks.unionid_finding().ok is None
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        session.flush()
        identity = WeChatIdentity(id=new_id(), person_id=person.id, app_id="wx0", unionid="u1", created_at=now())
        identity.openid = "o1"
        session.add(identity)
    assert checks.unionid_finding().ok is True


def test_alarms_are_told(connected: Flask) -> None:
    assert checks.alarms_finding().ok is True
    error = BadContent(47003)
    error.field = "thing3"
    way = Way(
        channel=Channel.TEMPLATE,
        address_id=new_id(),
        product=Product.ACCOUNT,
        app_id="wx0",
        openid="oSECRET",
        reachable=True,
        window_until=None,
        window_left=0,
        template_id="TPL",
    )
    with transaction():
        raise_alarm(way, "marriage.booked", "bad_content", error)
    finding = checks.alarms_finding()
    assert finding.ok is False
    for part in ("TPL", "marriage.booked", "47003", "thing3"):
        assert part in finding.sentence
    assert "oSECRET" not in finding.sentence


def test_doctor_tells_everything_and_fails_when_something_is_wrong(
    connected: Flask, approved: Approved, wechat: StandIn
) -> None:
    subjects = [finding.subject for finding in examine(connected)]
    assert len(subjects) == len(set(subjects))
    with connected.app_context():
        told = connected.test_cli_runner().invoke(args=["doctor"])
    assert told.exit_code == 1
    for finding in examine(connected):
        assert finding.subject in told.output
    for secret in (connected.extensions["settings"].account.secret, "token-0"):
        assert secret not in told.output


def test_every_failure_has_words() -> None:
    alarming = {verdict.failure for kind, verdict in VERDICTS if kind.alarm} | {verdict_for(UnknownError()).failure}
    assert alarming == set(texts.FAILURES) == set(page_texts.FAILURES) == set(page_texts.NEXT_STEPS)
