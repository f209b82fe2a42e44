"""Printing the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.rows import Row

_HEAD = ("what", "req/s", "p50 ms", "p99 ms", "ratio to")


def print_table(rows: Sequence[Row]) -> None:
    """One line per row; a ratio or p99 that is wanted says whether it was reached."""
    by_name = {row.name: row for row in rows}
    lines = [_HEAD, *(_line(row, by_name) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    for line in lines:
        figures = [cell.rjust(width) for cell, width in zip(line[1:4], widths[1:4], strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *figures, line[4]]).rstrip())


def _line(row: Row, by_name: Mapping[str, Row]) -> tuple[str, ...]:
    p99 = row.percentile(0.99)
    return (
        row.name,
        f"{row.throughput:.0f}",
        f"{row.percentile(0.5):.1f}",
        f"{p99:.1f}" + ("" if row.slowest_p99 is None else " ok" if p99 < row.slowest_p99 else " !!"),
        "; ".join(_ratios(row, by_name)),
    )


def _ratios(row: Row, by_name: Mapping[str, Row]) -> Iterable[str]:
    for name, wanted in row.ratios:
        ratio = row.throughput / by_name[name].throughput
        verdict = "" if wanted is None else f" (wanted {wanted}: {'reached' if ratio >= wanted else 'MISSED'})"
        yield f"{ratio:.2f} x {name.rpartition(': ')[2]}{verdict}"
