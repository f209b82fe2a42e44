"""Sealing what was sealed with older keys, or with the other cipher, anew with the current one (`flask keys rotate`).

Each table is walked by its primary key in batches, each a transaction of its own, and a row that is done is not touched
again. So the work may be interrupted at any moment and begun again, be run twice at once, and goes on while the product
runs: old keys stay readable until they leave FIELD_KEYS. Rows are locked while they are sealed anew, so that what
somebody writes meanwhile is not overwritten; rows that others have locked are passed over and come last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from backend.storage.census import Marks, sealed_tables, take_census, unused_keys
from backend.storage.sealing import SealBroken, bound_by, key_ring, sealed_context
from backend.storage.transactions import transaction

BATCH = 500  # rows in one transaction at most
_BATCH_BYTES = 8 << 20  # and bytes of their values: some columns hold whole files
# Whoever still runs with the keys of before writes old values all the time; this is no race worth winning.
_ROUNDS = 3
_EXAMPLES = 10

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Progress:
    """How far a run is: values sealed anew, of those that were old when it began."""

    table: str
    done: int
    total: int


@dataclass(frozen=True)
class Outcome:
    """What a whole run came to.

    `left` counts by column the readable values that are old still; `unreadable` those that no key of ours opens, with
    up to ten of their rows in `examples`; `unused` names the keys that nothing needs any more.
    """

    done: int
    left: Mapping[str, int]
    unreadable: Mapping[str, int]
    examples: Sequence[str]
    unused: Sequence[str]

    @property
    def whole(self) -> bool:
        """Whether every value is sealed with the current key and cipher."""
        return not self.left and not self.unreadable


@dataclass
class Rotation:
    """One run; `run` does the work and tells how it goes, then `outcome` says what it came to."""

    batch: int = BATCH
    _done: int = 0
    _total: int = 0
    _unreadable: Counter[str] = field(default_factory=Counter)
    _examples: dict[str, None] = field(default_factory=dict)
    _census: dict[sa.Column[bytes], Marks] = field(default_factory=dict)

    def run(self) -> Iterator[Progress]:
        """Seal every old value anew, telling how many there are and then the progress after each batch."""
        self._census = take_census()
        self._total = sum(self._old().values())
        for column, count in self._old().most_common(1):
            if count:
                yield Progress(column.table.name, 0, self._total)
        for _ in range(_ROUNDS):
            old = {column.table for column, count in self._old().items() if count}
            self._unreadable.clear()
            for table, columns in sealed_tables().items():
                if table in old:
                    yield from self._walk(_Walker(table, columns))
            self._census = take_census()
            if not self._left():
                return

    def outcome(self) -> Outcome:
        """What the finished run came to."""
        unused = unused_keys(self._census, key_ring())
        return Outcome(self._done, self._left(), dict(self._unreadable), list(self._examples), unused)

    def _walk(self, walker: _Walker) -> Iterator[Progress]:
        passed_over: list[Key] = []
        for keys in walker.old_keys_by_page(self.batch):
            passed_over += self._seal(walker, keys, wait=False)
            yield Progress(walker.table.name, self._done, self._total)
        for start in range(0, len(passed_over), self.batch):
            for key in walker.still_old(passed_over[start : start + self.batch]):
                self._seal(walker, [key], wait=True)
            yield Progress(walker.table.name, self._done, self._total)

    def _seal(self, walker: _Walker, keys: list[Key], *, wait: bool) -> list[Key]:
        """Seal rows anew; gives back the keys of those that others have locked."""
        if not keys:
            return []
        result = walker.seal_anew(keys, wait=wait)
        self._done += result.values
        for column, key in result.unreadable:
            self._unreadable[column] += 1
            if len(self._examples) < _EXAMPLES:
                self._examples[f"{column} {', '.join(map(str, key))}"] = None
        locked = set(result.keys)
        return [key for key in keys if key not in locked]

    def _old(self) -> Counter[sa.Column[bytes]]:
        current = key_ring().current
        return Counter({column: marks.total() - marks[current] for column, marks in self._census.items()})

    def _left(self) -> dict[str, int]:
        named = {_name(column): count for column, count in self._old().items()}
        return {name: count - self._unreadable[name] for name, count in named.items() if count > self._unreadable[name]}


@dataclass(frozen=True)
class _Sealed:
    """What one batch came to: the rows that could be locked, how many values, and which did not open."""

    keys: Sequence[Key]
    values: int
    unreadable: Sequence[tuple[str, Key]]


class _Walker:
    """One table, by its primary key."""

    def __init__(self, table: sa.Table, columns: Sequence[sa.Column[bytes]]) -> None:
        self.table = table
        self._columns = columns
        self._key = list(table.primary_key)
        self._bound_by = {column: table.c[bound_by(column)] for column in columns}
        self._is_old = sa.or_(*(_is_old(column) for column in columns))

    def old_keys_by_page(self, size: int) -> Iterator[list[Key]]:
        """Keys of rows with old values, of at most `size` rows and as many bytes as fit into memory.

        Walks the whole table; each statement looks at `size` rows and no more.
        """
        weight = sum((sa.func.coalesce(sa.func.octet_length(column), 0) for column in self._columns), sa.literal(0))
        query = sa.select(*self._key, self._is_old, weight).order_by(*self._key).limit(size)
        after: Key | None = None
        while True:
            page = query if after is None else query.where(sa.tuple_(*self._key) > sa.tuple_(*self._literals(after)))
            with transaction() as session:
                rows = session.execute(page).all()
            yield from _in_portions([(tuple(key), weight) for *key, old, weight in rows if old])
            if len(rows) < size:
                return
            after = tuple(rows[-1])[:-2]

    def still_old(self, keys: Sequence[Key]) -> list[Key]:
        """Those of the rows that still have old values."""
        with transaction() as session:
            rows = session.execute(sa.select(*self._key).where(self._is_old, sa.tuple_(*self._key).in_(keys))).all()
        return [tuple(row) for row in rows]

    def seal_anew(self, keys: Sequence[Key], *, wait: bool) -> _Sealed:
        """Seal the old values of rows anew in one transaction; rows that others have locked are left or waited for.

        Nobody may wait for one row while holding another, or two could wait for each other: wait for one at a time.
        """
        try:
            with transaction() as session:
                rows = session.execute(self._locked(keys, wait=wait)).mappings().all()
                changes, values, unreadable = self._changes(rows)
                if changes:
                    session.execute(self._change, changes)
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            return _Sealed((), 0, ())
        return _Sealed([self._key_of(row) for row in rows], values, unreadable)

    def _locked(self, keys: Sequence[Key], *, wait: bool) -> sa.Select[Any]:
        rows = sa.select(*dict.fromkeys([*self._key, *self._bound_by.values(), *self._columns]))
        rows = rows.where(sa.tuple_(*self._key).in_(keys), self._is_old)
        # key_share: whoever only refers to the row, by a foreign key, does not wait for us, nor we for them.
        return rows.with_for_update(key_share=True, skip_locked=not wait)

    @property
    def _change(self) -> sa.Update:
        update = sa.update(self.table).where(*(column == sa.bindparam(f"key_{column.name}") for column in self._key))
        return update.values({column: sa.bindparam(f"new_{column.name}") for column in self._columns})

    def _changes(self, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], int, list[tuple[str, Key]]]:
        """For each row with an old value that opens, what is to be written; how many values; those that do not open."""
        changes: list[dict[str, Any]] = []
        unreadable: list[tuple[str, Key]] = []
        values = 0
        for row in rows:
            change, anew = {f"key_{column.name}": row[column] for column in self._key}, 0
            for column in self._columns:
                try:
                    change[f"new_{column.name}"], sealed = self._anew(column, row)
                    anew += sealed
                except SealBroken:
                    change[f"new_{column.name}"] = row[column]
                    unreadable.append((_name(column), self._key_of(row)))
            if anew:
                changes.append(change)
                values += anew
        return changes, values, unreadable

    def _anew(self, column: sa.Column[bytes], row: Any) -> tuple[bytes | None, int]:
        """The value as it should be, and 1 if that is another one; raises `SealBroken`."""
        sealed, ring = row[column], key_ring()
        if sealed is None or sealed.startswith(ring.current_mark):
            return sealed, 0
        context = sealed_context(self.table.name, column.name, row[self._bound_by[column]])
        return ring.seal(ring.open(sealed, context), context), 1

    def _key_of(self, row: Any) -> Key:
        return tuple(row[column] for column in self._key)

    def _literals(self, key: Key) -> list[sa.BindParameter[Any]]:
        return [sa.literal(value, column.type) for value, column in zip(key, self._key, strict=True)]


def _in_portions(weighed: Sequence[tuple[Key, int]]) -> Iterator[list[Key]]:
    """The keys in order, in lists whose bytes together stay below the limit; at least one key each, or none at all."""
    portion: list[Key] = []
    total = 0
    for key, weight in weighed:
        if portion and total + weight > _BATCH_BYTES:
            yield portion
            portion, total = [], 0
        portion.append(key)
        total += weight
    yield portion


def _is_old(column: sa.Column[bytes]) -> sa.ColumnElement[bool]:
    mark = key_ring().current_mark
    return sa.and_(column.is_not(None), sa.func.substring(column, 1, len(mark)) != mark)


def _name(column: sa.Column[bytes]) -> str:
    return f"{column.table.name}.{column.name}"
