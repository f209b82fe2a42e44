"""The tick verifies what is new and, round after round, what is old; the command verifies everything at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask

from backend.kernel.clock import now
from backend.staff.audit.bookmark import chain_state, kept_anchor, verify_more
from backend.staff.audit.cli import audit_cli
from backend.staff.audit.verify import Break, Fault, verify
from backend.tick_tasks import room_tasks
from tests.audit.support import Bureau, add_entries, links, outcome, tamper


def rounds(count: int = 1, batch: int = 4) -> Break | None:
    """Let the tick come by so many times; what the last one found."""
    found = None
    for _ in range(count):
        found = verify_more(batch)
    return found


def test_the_tick_comes_to_the_end_and_keeps_an_anchor(bureau: Bureau) -> None:
    add_entries(10)
    assert kept_anchor() is None
    assert rounds(12) is None
    state = chain_state()
    assert state.verified == state.head == kept_anchor()
    assert (state.verified_at, state.broken) == (now(), None)
    add_entries(1)
    assert chain_state().verified != chain_state().head
    assert rounds() is None
    assert chain_state().verified == chain_state().head


def test_the_tick_knows_the_task() -> None:
    assert any(task.run is verify_more for task in room_tasks())


def test_what_is_altered_long_after_it_was_verified_is_found(bureau: Bureau) -> None:
    added = add_entries(20)
    assert rounds(20) is None
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[5])
    found = [verify_more(4) for _ in range(20)]
    position = next(link.position for link in links() if link.entry_id == added[5])
    assert Break(Fault.ALTERED, position, added[5]) in found
    # It stays where it is until it is whole again.
    assert found[-1] == Break(Fault.ALTERED, position, added[5])


def test_a_break_is_told_until_it_is_healed(bureau: Bureau) -> None:
    added = add_entries(3)
    rounds(3)
    tamper("UPDATE audit_entries SET subject_id = 'x' WHERE id = :id", id=added[-1])
    rounds(20)
    first = chain_state()
    assert first.broken is not None
    assert first.broken_at == now()
    bureau.clock.advance(timedelta(hours=1))
    rounds()
    assert chain_state().broken_at == first.broken_at
    tamper("UPDATE audit_entries SET subject_id = 'row-2' WHERE id = :id", id=added[-1])
    assert rounds() is None
    assert chain_state().broken is None


@pytest.mark.parametrize("from_end", [0, 3])
def test_a_cut_off_end_is_found_by_the_bookmark(bureau: Bureau, from_end: int) -> None:
    added = add_entries(8)
    rounds(20)
    reached = chain_state().head.position
    for entry_id in added[-1 - from_end :]:
        tamper("DELETE FROM audit_links WHERE entry_id = :id", id=entry_id)
        tamper("DELETE FROM audit_entries WHERE id = :id", id=entry_id)
    assert rounds() == Break(Fault.TRUNCATED, reached)


@pytest.mark.parametrize("forged", [-5, 1_000_000])
def test_an_entry_slipped_in_is_found(bureau: Bureau, forged: int) -> None:
    """Also below the ids that the database gives."""
    add_entries(8)
    rounds(20)
    tamper(
        "INSERT INTO audit_entries (id, at, action, subject_kind, detail) OVERRIDING SYSTEM VALUE"
        " VALUES (:id, now(), 'staff.signed_in', 'staff_account', '{}')",
        id=forged,
    )
    assert rounds(20) == outcome().found == Break(Fault.UNLINKED, None, forged)


# --- metrics ---


def test_metrics_tell_of_the_chain(bureau: Bureau, app: Flask) -> None:
    add_entries(2)
    rounds(4)
    bureau.clock.advance(timedelta(seconds=90))
    figures = dict(re.findall(r"^(nuanmin_audit_\w+) ([\d.]+)$", app.test_client().get("/metrics").text, re.MULTILINE))
    assert float(figures["nuanmin_audit_links"]) == len(links())
    assert float(figures["nuanmin_audit_chain_broken"]) == 0
    assert float(figures["nuanmin_audit_verified_seconds"]) == 90
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = (SELECT min(id) FROM audit_entries)")
    rounds(20)
    assert "nuanmin_audit_chain_broken 1.0" in app.test_client().get("/metrics").text


# --- the command ---


def run(app: Flask, *arguments: str) -> Result:
    """`flask audit verify …`."""
    return app.test_cli_runner().invoke(audit_cli, ["verify", *arguments])


def test_the_command_prints_an_anchor_that_holds_later(bureau: Bureau, app: Flask) -> None:
    add_entries(3)
    first = run(app)
    assert first.exit_code == 0
    anchor = re.search(r"\d+:[0-9a-f]{64}", first.output)
    assert anchor
    add_entries(3)
    assert run(app, "--expect", anchor[0]).exit_code == 0


def test_the_command_fails_on_a_break_and_says_where(bureau: Bureau, app: Flask) -> None:
    added = add_entries(3)
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[1])
    broken = run(app)
    assert broken.exit_code == 1
    assert "内容被改过" in broken.output
    assert f"记录编号 {added[1]}" in broken.output


def test_the_command_fails_when_the_chain_ends_before_the_anchor(bureau: Bureau, app: Flask) -> None:
    add_entries(1)
    assert run(app, "--expect", f"99999:{'0' * 64}").exit_code == 1
    wrong = run(app, "--expect", f"{len(links())}:{'0' * 64}")
    assert (wrong.exit_code, "整条链被重写过" in wrong.output) == (1, True)


def test_the_command_uses_the_bookmark_of_the_tick(bureau: Bureau, app: Flask) -> None:
    added = add_entries(4)
    rounds(10)
    tamper("DELETE FROM audit_links WHERE entry_id = :id", id=added[-1])
    tamper("DELETE FROM audit_entries WHERE id = :id", id=added[-1])
    assert "末尾被截断" in run(app).output


def test_a_malformed_anchor_is_a_usage_error(bureau: Bureau, app: Flask) -> None:
    assert run(app, "--expect", "yesterday").exit_code == 2


def test_verifying_goes_through_in_batches(bureau: Bureau) -> None:
    add_entries(10)
    steps = list(verify(batch=4))
    assert len(steps) > 4
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total
