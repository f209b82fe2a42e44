"""Window-minutes: how business lies over slots, and that what fits never oversells (domain-rules §2.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import BEIJING
from backend.marriage.spread import fitting, length, spread

NINE = datetime(2026, 11, 26, 9, 0, tzinfo=BEIJING)


@dataclass(frozen=True)
class Row:
    """A slot as the database gives it."""

    starts_at: datetime
    ends_at: datetime
    capacity: int = 30
    taken: int = 0
    reserved: int = 0


def rows(*lengths: int, capacity: int = 30) -> list[Row]:
    """Slots that follow one another from nine o'clock."""
    made, start = [], NINE
    for minutes in lengths:
        made.append(Row(start, start + timedelta(minutes=minutes), capacity))
        start = made[-1].ends_at
    return made


def test_what_is_longer_goes_on_in_the_next() -> None:
    assert spread(30, rows(30, 30)) == [30]
    assert spread(40, rows(30, 30)) == [30, 10]
    assert spread(60, rows(20, 20, 20)) == [20, 20, 20]
    assert spread(15, rows(30)) == [15]


def test_it_ends_with_the_stretch() -> None:
    """Nothing begins at half past eleven that would last beyond noon."""
    assert spread(40, rows(30)) is None
    morning, afternoon = rows(30)[0], Row(NINE + timedelta(hours=4), NINE + timedelta(hours=4, minutes=30))
    assert spread(40, [morning, afternoon]) is None
    assert fitting(40, [morning, afternoon]) == 0


def test_what_is_held_back_is_for_closing_windows_only() -> None:
    slot = replace(rows(30, capacity=60)[0], reserved=30)
    assert fitting(30, [slot]) == 1
    assert fitting(30, [slot], rescue=True) == 2
    assert fitting(30, [replace(slot, taken=60)]) == 0


@given(
    lengths=st.lists(st.integers(10, 60), min_size=1, max_size=5),
    capacity=st.integers(0, 240),
    minutes=st.integers(5, 120),
)
def test_as_many_as_are_said_to_fit_do_and_no_more(lengths: list[int], capacity: int, minutes: int) -> None:
    slots = rows(*lengths, capacity=capacity)
    parts = spread(minutes, slots)
    count = fitting(minutes, slots)
    if parts is None:
        assert sum(lengths) < minutes
        assert count == 0
        return
    assert sum(parts) == minutes
    assert all(0 < part <= length(slot) for part, slot in zip(parts, slots, strict=False))
    assert all(count * part <= capacity for part in parts)
    assert any((count + 1) * part > capacity for part in parts)
