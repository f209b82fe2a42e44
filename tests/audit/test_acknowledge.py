"""A break that was looked into is acknowledged: the chain counts on, and whoever verifies is told of it for ever."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from backend.kernel.errors import AppError
from backend.staff.audit.acknowledge import acknowledge_break
from backend.staff.audit.acknowledged import acknowledged, known_breaks
from backend.staff.audit.bookmark import chain_state, kept_anchor, verify_more
from backend.staff.audit.cli import audit_cli
from backend.staff.audit.verify import Break, Fault, verify
from tests.audit.support import Bureau, Opened, add_entries, newest, tamper
from tests.console.support import Desk

CHAIN = "/console/audit/chain"
REASON = "机房断电后从备份恢复，已报分管领导"


def found_now(rounds: int = 20) -> Break | None:
    """What the tick finds after it has come by often enough to see everything."""
    return [verify_more(4) for _ in range(rounds)][-1]


def whole_walk(*anchors: object) -> Break | None:
    """What `audit verify` finds."""
    return list(verify(anchors, batch=3, known=known_breaks()))[-1].found  # type: ignore[arg-type]


def acknowledge(bureau: Bureau, reason: str = REASON) -> Break:
    """Acknowledge what is broken now."""
    found = found_now()
    assert found is not None
    acknowledge_break(found.key, reason, bureau.auditor)
    return found


# Ways to break the trail of eight entries, and how many breaks it is by the time all are seen.
BREAKS = {
    "altered": (["UPDATE audit_entries SET action = 'x' WHERE id = :third"], 1),
    "entry removed": (["DELETE FROM audit_entries WHERE id = :third"], 1),
    "entry and link removed": (
        ["DELETE FROM audit_links WHERE entry_id = :third", "DELETE FROM audit_entries WHERE id = :third"],
        1,
    ),
    "slipped in": (
        [
            "INSERT INTO audit_entries (id, at, action, subject_kind, detail) OVERRIDING SYSTEM VALUE"
            " VALUES (-5, now(), 'staff.signed_in', 'staff_account', '{}')"
        ],
        1,
    ),
    "hash altered": (["UPDATE audit_links SET hash = sha256(hash) WHERE entry_id = :third"], 2),
    "cut off": (
        ["DELETE FROM audit_links WHERE entry_id >= :sixth", "DELETE FROM audit_entries WHERE id >= :sixth"],
        1,
    ),
    "two altered": (["UPDATE audit_entries SET action = 'x' WHERE id IN (:third, :sixth)"], 2),
}


@pytest.mark.parametrize("how", BREAKS)
def test_what_was_acknowledged_is_walked_past_and_told_of(bureau: Bureau, app: Flask, how: str) -> None:
    statements, count = BREAKS[how]
    added = add_entries(8)
    assert found_now() is None
    places = {"third": added[2], "sixth": added[5]}
    for statement in statements:
        tamper(statement, **{name: row_id for name, row_id in places.items() if f":{name}" in statement})
    seen = [acknowledge(bureau) for _ in range(count)]
    assert found_now() is None
    assert chain_state().broken is None
    assert [one.broken for one in acknowledged()] == seen
    add_entries(3)  # the chain goes on
    assert found_now() is None
    assert chain_state().verified == chain_state().head == kept_anchor()
    assert whole_walk() is None
    told = app.test_cli_runner().invoke(audit_cli, ["verify"])
    assert told.exit_code == 0
    assert told.output.count(REASON) == count
    assert f"除上面 {count} 处已确认的问题外" in told.output


def test_the_same_entry_altered_again_is_a_new_break(bureau: Bureau) -> None:
    added = add_entries(8)
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[3])
    first = acknowledge(bureau)
    tamper("UPDATE audit_entries SET action = 'y' WHERE id = :id", id=added[3])
    again = found_now()
    assert (again, whole_walk()) == (first, first)
    assert again is not None
    assert again.key != first.key


def test_a_chain_cut_off_twice_is_broken_twice(bureau: Bureau) -> None:
    added = add_entries(8)
    assert found_now() is None
    for row_id in (added[7], added[6]):
        tamper("DELETE FROM audit_links WHERE entry_id >= :id", id=row_id)
        tamper("DELETE FROM audit_entries WHERE id >= :id", id=row_id)
        assert acknowledge(bureau).fault is Fault.TRUNCATED
        assert found_now() is None


def test_an_anchor_kept_elsewhere_still_tells_what_it_lost(bureau: Bureau, app: Flask) -> None:
    """Only the very anchor that was acknowledged as lost is known; another one beyond the cut is not."""
    added = add_entries(8)
    assert found_now() is None
    lost = kept_anchor()
    assert lost is not None
    earlier = f"{lost.position - 1}:{'0' * 64}"
    tamper("DELETE FROM audit_links WHERE entry_id >= :id", id=added[5])
    tamper("DELETE FROM audit_entries WHERE id >= :id", id=added[5])
    acknowledge(bureau)
    run = app.test_cli_runner()
    assert run.invoke(audit_cli, ["verify", "--expect", str(lost)]).exit_code == 0
    assert run.invoke(audit_cli, ["verify", "--expect", earlier]).exit_code == 1


def test_a_forged_acknowledgement_counts_for_nothing(bureau: Bureau) -> None:
    added = add_entries(8)
    assert found_now() is None
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[3])
    found = found_now()
    assert found is not None
    tamper(
        "INSERT INTO audit_entries (at, action, subject_kind, purpose, detail) VALUES"
        " (now(), 'audit.break_acknowledged', 'audit_trail', 'none', jsonb_build_object('broken', CAST(:key AS text)))",
        key=found.key,
    )
    assert known_breaks() == frozenset()
    assert found_now() == found


def test_what_has_changed_since_it_was_looked_at_is_not_acknowledged(bureau: Bureau) -> None:
    added = add_entries(8)
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[5])
    first = found_now()
    assert first is not None
    tamper("UPDATE audit_entries SET action = 'y' WHERE id = :id", id=added[5])
    for seen, reason, code in ((first.key, REASON, "state_conflict"), (first.key, "嗯", "invalid")):
        with pytest.raises(AppError) as refused:
            acknowledge_break(seen, reason, bureau.auditor)
        assert refused.value.code == code
    assert acknowledged() == []


def test_the_auditor_does_it_on_the_page(bureau: Bureau, desk: Opened) -> None:
    added = add_entries(8)
    assert found_now() is None
    auditor = desk("auditor")
    assert 'name="broken"' not in auditor.get(CHAIN).text
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[3])
    found_now()
    page = auditor.get(CHAIN).text
    key = re.search(r'name="broken" value="([^"]+)"', page)
    assert key
    assert "审计链核对不上" in auditor.get("/console/").text
    bureau.clock.advance(timedelta(minutes=5))
    refused = auditor.post(CHAIN, {"broken": key[1], "purpose": ""})
    assert (refused.status_code, "请写明理由" in refused.text) == (422, True)
    stale = auditor.post(CHAIN, {"broken": "altered:1:1:00", "purpose": REASON})
    assert stale.status_code == 409
    assert auditor.post(CHAIN, {"broken": html.unescape(key[1]), "purpose": REASON}).status_code == 303
    page = auditor.get(CHAIN).text
    assert REASON in page
    assert "已确认的问题除外" in page
    assert "审计链核对不上" not in auditor.get("/console/").text
    entry = newest("audit.break_acknowledged")
    assert (entry.account_id, entry.purpose, entry.detail["broken"]) == (bureau.auditor, REASON, key[1])
    assert auditor.post(CHAIN, {"broken": key[1], "purpose": REASON}).status_code == 409  # tapped twice


def test_nobody_else_acknowledges(bureau: Bureau, desk: Opened) -> None:
    other: Desk = desk("supervisor")
    assert other.post(CHAIN, {"broken": "altered:1:1:00", "purpose": REASON}).status_code == 403
