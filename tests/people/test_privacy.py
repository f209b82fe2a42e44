"""Names, numbers, telephones and codes reach no log line, no address and no message, whatever goes wrong."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.logs import Formatter
from backend.people.binding import ask_code, give_code
from backend.people.counter import verify_at_counter
from backend.people.verification_service import Answer
from backend.storage import transaction
from tests.people.support import Phone, Service, card, card_number

Phones = Callable[..., Phone]
NAME, TELEPHONE, FOREIGN = "钱多多", "13812345678", "EA1234567"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Every line of every logger, as the product writes them and as they were before anything was struck."""
    lines, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(lines), root.level
    handler.setFormatter(Formatter("%(message)s %(args)s", json_ensure_ascii=False))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_nothing_is_logged_whatever_goes_wrong(
    phone: Phones, service: Service, clerk: uuid.UUID, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = phone()
    for answer in (Answer.UNAVAILABLE, Answer.MISMATCHED, Answer.MATCHED):
        service.answer = answer
        wang.verifies(3, NAME)
    wang.verifies(3, NAME, id_number="12")
    wang.post("phone", phone=TELEPHONE)
    wang.post("phone", phone=f"{TELEPHONE}1")
    wang.post("verification", name=NAME, id_type="passport", id_number=FOREIGN)
    code = wang.post("counter-code").get_json()["code"]
    given = give_code(verify_at_counter(clerk, card(4, NAME, code=None)).person_id, clerk).digits
    phone("li").post("binding", code=given)

    def breaks(*_: object) -> None:
        raise RuntimeError("something of ours")

    monkeypatch.setattr("backend.people.proving._take_claim", breaks)
    assert wang.verifies(3, NAME).status_code == 500
    log = written.getvalue()
    assert "person_verified" in log
    assert "something of ours" in log
    for secret in (NAME, TELEPHONE, FOREIGN, card_number(3), card_number(4), code, given):
        assert secret not in log


def test_nothing_is_told_to_wechat(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    phone().verifies(3, NAME)
    verify_at_counter(clerk, card(3, NAME, code=ask_code(phone("second").identity_id).digits))
    with transaction() as db:
        [told] = db.scalars(sa.text("SELECT data::text FROM outbox_messages"))
    assert set(json.loads(told)) == {"time"}


def test_addresses_hold_nothing_but_ids(bureau: Flask) -> None:
    ours = [rule for rule in bureau.url_map.iter_rules() if rule.endpoint.startswith(("me.", "people."))]
    assert len(ours) > 10
    for rule in ours:
        assert rule.arguments <= {"person_id", "session_id", "what"}
        reads = "GET" in (rule.methods or set())
        assert not (reads and rule.endpoint in ("people.search", "people.reveal", "people.code"))
