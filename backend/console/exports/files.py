"""Writing the file: CSV that no spreadsheet runs, XLSX whose numbers stay text. Both say who took it, when and why."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from xlsxwriter import Workbook

from backend.console.exports import texts
from backend.console.exports.definitions import ExportColumn
from backend.console.exports.rules import Format, safe_cell

Row = Mapping[str, str]
About = Sequence[tuple[str, str]]

_PREFIX = "nuanmin-export-"
_STALE_SECONDS = 3600


def write_file(kind: Format, about: About, columns: Sequence[ExportColumn], rows: Iterable[Row]) -> bytes:
    """The bytes of the file; `rows` are read once, in order."""
    return (_xlsx if kind is Format.XLSX else _csv)(about, columns, rows)


def _csv(about: About, columns: Sequence[ExportColumn], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for pair in about:
        writer.writerow([safe_cell(part) for part in pair])
    writer.writerow([])
    writer.writerow([safe_cell(column.title) for column in columns])
    for row in rows:
        writer.writerow([safe_cell(row.get(column.name, "")) for column in columns])
    return text.getvalue().encode("utf-8-sig")  # without the mark, spreadsheets read UTF-8 as something else


def _xlsx(about: About, columns: Sequence[ExportColumn], rows: Iterable[Row]) -> bytes:
    out = io.BytesIO()
    with _private_directory() as directory:
        # Each row leaves memory when the next begins; its temporary files stay in a directory of our own.
        options = {"constant_memory": True, "tmpdir": str(directory), "strings_to_urls": False}
        book = Workbook(out, options)
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet(texts.SHEET_ABOUT)
        first.set_column(0, 0, 12, bold)
        first.set_column(1, 1, 60, wrapped)
        for line, (label, said) in enumerate(about):
            first.write_string(line, 0, label, bold)
            first.write_string(line, 1, said, wrapped)
        sheet = book.add_worksheet(texts.SHEET_ROWS)
        sheet.freeze_panes(1, 0)
        as_text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, as_text)
            sheet.write_string(0, place, column.title, bold)
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                # Always a string cell: an identity number stays whole and nothing is ever a formula.
                sheet.write_string(line, place, row.get(column.name, ""), as_text)
        book.close()
    return out.getvalue()


@contextmanager
def _private_directory() -> Iterator[Path]:
    """A directory nobody else reads, gone afterwards; what a killed worker left behind goes too."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        made = Path(name)
        for left in made.parent.glob(f"{_PREFIX}*"):
            with suppress(OSError):  # another worker clears up too
                if left.stat().st_mtime < made.stat().st_mtime - _STALE_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)
        yield made
