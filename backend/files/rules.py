"""What an uploaded file may be, pure: states, reasons to refuse, limits, and a strict look at the bytes.

A file is what its bytes say, never what its name or the sender says. JPEG, PNG and PDF are read far enough to know that
they are whole and how large their picture is, so that nobody opens half a file or one that unpacks to gigabytes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

MOST_BYTES = 10 * 1024 * 1024  # as WeChat's own limit for pictures (wechat-protocol §6.5)
MOST_PIXELS = 50_000_000  # the largest cameras of phones take about as many in one picture
MOST_SIDE = 20_000

# WeChat keeps a picture for three days (§6.5); what was not fetched within them never will be.
FETCHABLE_FOR = timedelta(days=3)
CLAIM = timedelta(minutes=2)
RETRY = (
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


class UploadState(StrEnum):
    """Where a file stands."""

    OWED = "owed"  # WeChat has it, we do not yet
    FETCHED = "fetched"  # checked, kept, readable
    REFUSED = "refused"
    DELETED = "deleted"


# Every move a file may make.
MOVES: Mapping[UploadState, frozenset[UploadState]] = {
    UploadState.OWED: frozenset({UploadState.FETCHED, UploadState.REFUSED, UploadState.DELETED}),
    UploadState.FETCHED: frozenset({UploadState.DELETED}),
    UploadState.REFUSED: frozenset({UploadState.DELETED}),
    UploadState.DELETED: frozenset(),
}


class Refusal(StrEnum):
    """Why a file is not kept."""

    GONE = "gone"  # WeChat does not have it any more
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    INFECTED = "infected"


class Unfit(Exception):
    """These bytes are not kept; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def content_type(body: bytes) -> str:
    """The media type of a whole JPEG, PNG or PDF. Raises `Unfit` for everything else."""
    if not body:
        raise Unfit(Refusal.EMPTY)
    if len(body) > MOST_BYTES:
        raise Unfit(Refusal.TOO_LARGE)
    if body.startswith(b"\xff\xd8\xff"):
        _fits(*_jpeg_sides(body))
        return "image/jpeg"
    if body.startswith(_PNG):
        _fits(*_png_sides(body))
        return "image/png"
    if body.startswith(b"%PDF-"):
        _check_pdf(body)
        return "application/pdf"
    raise Unfit(Refusal.WRONG_TYPE)


def _fits(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Unfit(Refusal.DAMAGED)
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise Unfit(Refusal.TOO_MANY_PIXELS)


_PNG = b"\x89PNG\r\n\x1a\n"
_LEAST_CHUNK = 12  # length, name, checksum


def _png_sides(body: bytes) -> tuple[int, int]:
    """Walks all chunks to IEND, checksums included, with which the file has to end (ISO/IEC 15948)."""
    place, sides, pixels = len(_PNG), (0, 0), False
    while place + _LEAST_CHUNK <= len(body):
        length = int.from_bytes(body[place : place + 4], "big")
        end = place + _LEAST_CHUNK + length
        name, data = body[place + 4 : place + 8], body[place + 8 : end - 4]
        if end > len(body) or zlib.crc32(name + data) != int.from_bytes(body[end - 4 : end], "big"):
            break
        if (place == len(_PNG)) != (name == b"IHDR"):
            break
        if name == b"IHDR":
            sides = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        pixels = pixels or name == b"IDAT"
        if name == b"IEND" and pixels and end == len(body):
            return sides
        place = end
    raise Unfit(Refusal.DAMAGED)


_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, b"\xff\xd9"


def _jpeg_sides(body: bytes) -> tuple[int, int]:
    """Walks the segments up to the first scan; there must be a frame before it and an end behind it (ITU T.81).

    More may follow the end: telephones put a short film there.
    """
    place, sides = 2, None
    while place + 4 <= len(body) and body[place] == 0xFF:
        marker = body[place + 1]
        if marker == 0xFF or marker in _STANDALONE:  # fill bytes, and marks without a length
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(body[place + 2 : place + 4], "big")
        if marker in _FRAMES and length >= 8:
            sides = (
                int.from_bytes(body[place + 7 : place + 9], "big"),
                int.from_bytes(body[place + 5 : place + 7], "big"),
            )
        if marker == _SCAN and sides is not None and body.find(_END, place) > 0:
            return sides
        if length < 2 or marker == _SCAN:
            break
        place += 2 + length
    raise Unfit(Refusal.DAMAGED)


# What a program in a document could do; an office needs no more than pages to look at.
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|RichMedia|XFA)\b")


def _check_pdf(body: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.[0-9]", body) or b"%%EOF" not in body[-1024:]:
        raise Unfit(Refusal.DAMAGED)
    if _ACTIVE.search(body):
        raise Unfit(Refusal.WRONG_TYPE)
