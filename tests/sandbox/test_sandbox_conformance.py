"""The report of rules: each rule is broken once on purpose, and a good product breaks none."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from sandbox.config import Config
from sandbox.conformance.calls import CallRules
from sandbox.conformance.evidence import CallSeen
from sandbox.conformance.rules import BY_ID, RULES
from sandbox.push_crypto import sign
from tests.sandbox.conformance import assert_conforms, broken_rules, fresh_report, report
from tests.sandbox.misbehaving import BIZ, BREAKERS, CUSTOM, FORGED, TEMPLATE, Bench, checked
from tests.sandbox.support import Heard, Product, act, call, fetch, sealed_reply, text_reply


def good_push_query(bench: Bench) -> dict[str, str]:
    signature = sign(bench.account.token, "1", "2")
    return {"timestamp": "1", "nonce": "2", "signature": signature}


@pytest.fixture
def bench(make_app: Callable[..., Flask], config: Config, product: Product) -> Bench:
    return Bench(make_app, config, product)


def test_every_rule_has_one_who_breaks_it() -> None:
    assert set(BREAKERS) == set(BY_ID)
    assert len(RULES) == len(BY_ID)


@pytest.mark.parametrize("rule", list(BREAKERS))
def test_each_rule_is_seen_broken(bench: Bench, rule: str) -> None:
    BREAKERS[rule](bench)
    found = report(bench.client)
    known = next(one for one in found["rules"] if one["id"] == rule)
    assert known["broken"] >= 1, broken_rules(bench.client)
    assert known["examples"][-1]["problem"]
    assert rule in found["broken" if BY_ID[rule].level == "must" else "advice"]
    assert_conforms(bench.client, but=found["broken"])
    if BY_ID[rule].level == "must":
        with pytest.raises(AssertionError, match=rule):
            assert_conforms(bench.client)


def good_replies(bench: Bench) -> None:
    """Everything a proper product does, once."""
    client, user = bench.client, bench.user
    token = bench.token
    reply = sealed_reply(bench.account, text_reply(bench.account, bench.openid, "好"))
    bench.product.answer = lambda heard: (200, reply)
    act(client, user, "messages", text="你好", copies=2)
    bench.product.answer = lambda heard: (200, b"success")
    act(client, user, "pushes", kind="TEMPLATESENDJOBFINISH", values={})
    act(client, user, "pushes", kind="text", product="miniprogram", values={"content": "你好"})
    assert call(client, CUSTOM, token, bench.service())["errcode"] == 0
    assert call(client, TEMPLATE, token, bench.notice())["errcode"] == 0
    act(client, user, "subscriptions", product="account", template_ids=["BIZ_APPOINTMENT_BOOKED"])
    assert call(client, BIZ, token, bench.biz())["errcode"] == 0
    act(client, user, "login_code")
    checked(bench)
    bench.authorize()
    bench.authorize(state="s2", who="u2")


def test_a_good_product_breaks_nothing(bench: Bench) -> None:
    bench.use(mode="security")
    good_replies(bench)
    # The plain little server of these tests sets no Content-Type; nothing else may be found.
    assert broken_rules(bench.client).keys() <= {"reply.content_type"}
    assert_conforms(bench.client, advice=True, but={"reply.content_type"}, needs={"reply.signature", "call.fields"})


def test_faults_that_were_asked_for_are_nobodys_fault(bench: Bench) -> None:
    for errcode in (40003, 47003, 45015, 48001):
        bench.client.post("/sandbox/faults", json={"endpoint": TEMPLATE, "errcode": errcode})
        bench.post(TEMPLATE, bench.notice(url=f"https://a.example/{errcode}"))
    assert broken_rules(bench.client) == {}


def test_white_space_between_elements_is_no_element(bench: Bench) -> None:
    spaced = re.sub(rb"(</\w+>)", rb"\1\n  ", text_reply(bench.account, bench.openid, "好"))
    bench.answers(spaced)
    assert "reply.elements" not in broken_rules(bench.client)
    bench.answers(spaced.replace(b"</xml>", "多余的字</xml>".encode()))
    assert "reply.elements" in broken_rules(bench.client)


def test_one_retry_with_a_new_token_is_right(bench: Bench) -> None:
    bench.client.post("/sandbox/faults", json={"endpoint": "/cgi-bin/user/info", "errcode": 40001, "times": 2})
    for _ in range(2):
        fetch(bench.client, "/cgi-bin/user/info", bench.token, openid=bench.openid)
    assert broken_rules(bench.client) == {}
    known = next(one for one in report(bench.client)["rules"] if one["id"] == "call.token_retry")
    assert known["checked"] == 2


def test_consent_makes_a_refused_notice_new(bench: Bench) -> None:
    assert bench.post(BIZ, bench.biz())["errcode"] == 43101
    act(bench.client, bench.user, "subscriptions", product="account", template_ids=["BIZ_APPOINTMENT_BOOKED"])
    assert bench.post(BIZ, bench.biz())["errcode"] == 0
    assert "call.final" not in broken_rules(bench.client)


def test_the_quota_rule_ends_with_the_day_or_a_clearing() -> None:
    def seen(at: float, **changes: Any) -> CallSeen:
        known: dict[str, Any] = {
            "path": "/cgi-bin/user/info",
            "method": "GET",
            "args": {},
            "body": {},
            "raw": b"",
            "product": "account",
            "errcode": 0,
            "answered": 0,
            "journal_id": 0,
            "at": at,
            "monotonic": at,
        }
        return CallSeen(**(known | changes))

    def broke(rules: CallRules, call_seen: CallSeen) -> bool:
        return any(rule == "call.stop_at_quota" and problem for rule, problem in rules.check(call_seen))

    midnight = 1_700_000_000 - (1_700_000_000 + 8 * 3600) % 86400 + 86400
    rules = CallRules()
    assert not broke(rules, seen(midnight - 100, answered=45009))
    assert not broke(rules, seen(midnight - 99))  # was under way
    assert broke(rules, seen(midnight - 50))
    assert not broke(rules, seen(midnight + 1))
    assert not broke(rules, seen(midnight + 10, answered=45009))
    rules.check(seen(midnight + 20, path="/cgi-bin/clear_quota", method="POST"))
    assert not broke(rules, seen(midnight + 30))
    assert not broke(rules, seen(midnight + 61, answered=45011))
    assert broke(rules, seen(midnight + 90))
    assert not broke(rules, seen(midnight + 121))


def test_leavers_who_come_back_may_be_written_to(bench: Bench) -> None:
    act(bench.client, bench.user, "events", event="unsubscribe")
    act(bench.client, bench.user, "events", event="subscribe")
    bench.seen(path=CUSTOM, method="POST", body=bench.service(), monotonic=time.monotonic() + 3)
    assert "call.gone" not in broken_rules(bench.client)


def test_a_new_report_begins_empty(bench: Bench) -> None:
    bench.replies(MsgType="poem")
    fresh_report(bench.client)
    assert report(bench.client)["checked"] == 0
    with pytest.raises(AssertionError, match="neither"):
        assert_conforms(bench.client)
    bench.answers(b"success")
    with pytest.raises(AssertionError, match="never looked at"):
        assert_conforms(bench.client, needs={"call.menu"})


def test_the_page_of_the_report(bench: Bench) -> None:
    assert bench.client.post("/conformance").status_code == 302
    empty = bench.client.get("/conformance")
    assert "还没有" in empty.text
    bench.replies(Content="字" * 683)
    bench.post(CUSTOM, bench.service(msgtype="poem"))
    page = bench.client.get("/conformance").text
    assert "文字回复不超过 2048 字节" in page
    assert "文字有 2049 字节" in page
    assert "§1.5" in page


def test_refusing_product_passes_the_probes(bench: Bench) -> None:
    bench.raw(403, FORGED)
    bench.raw(400, good_push_query(bench))
    token = bench.account.token

    def answer(heard: Heard) -> tuple[int, bytes]:
        genuine = heard.query["signature"] == sign(token, heard.query["timestamp"], heard.query["nonce"])
        return (200, heard.query["echostr"].encode()) if genuine else (403, b"")

    bench.product.answer = answer
    assert bench.client.post("/sandbox/verification", json={"product": "account"}).json["passed"]
    assert_conforms(bench.client, advice=True, needs={"verify.echo", "verify.refuse", "push.forged", "push.no_5xx"})
