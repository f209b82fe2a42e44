"""Pictures without what the camera wrote beside them."""

from __future__ import annotations

import struct

import pytest

from backend.files.metadata import without_metadata
from backend.files.rules import content_type
from tests.files.samples import chunk, jpeg, plain_jpeg, png, segment


def exif(order: str, turned: int, place: bytes = b"34.26N") -> bytes:
    """An Exif segment with the way to turn, and a place somewhere behind it."""
    head = b"II\x2a\0" if order == "<" else b"MM\0\x2a"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0)
    tiff = head + struct.pack(f"{order}IH", 8, 1) + entry + struct.pack(f"{order}I", 0) + place
    return segment(0xE1, b"Exif\0\0" + tiff)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_jpeg_keeps_the_way_to_turn_and_nothing_else(order: str) -> None:
    body = jpeg(after=b"a short film")
    telling = exif(order, 6) + segment(0xED, b"Photoshop") + segment(0xFE, b"shot at home")
    sent = body[:2] + telling + body[2:]
    plain = plain_jpeg()
    alone = without_metadata(sent, content_type(sent))
    assert alone == plain[:2] + exif(">", 6, b"") + plain[2:]
    assert content_type(alone) == "image/jpeg"
    assert without_metadata(alone, "image/jpeg") == alone


def test_a_jpeg_that_needs_no_turning_gets_no_exif_and_keeps_its_colours() -> None:
    body, colours = plain_jpeg(), segment(0xE2, b"ICC_PROFILE\0") + segment(0xEE, b"Adobe")
    for telling in (exif("<", 1), exif("<", 99), segment(0xE1, b"Exif\0\0II"), segment(0xE1, b"http://ns.adobe.com/")):
        sent = body[:2] + telling + colours + body[2:]
        assert without_metadata(sent, "image/jpeg") == body[:2] + colours + body[2:]


def test_a_jpeg_of_several_scans_stays_whole() -> None:
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    body = plain_jpeg()
    progressive = body[: body.index(b"\xff\xda")] + scan + segment(0xC4, b"\xff\xd9tables") + scan + b"\xff\xd9"
    assert without_metadata(progressive + b"film", "image/jpeg") == progressive


def test_a_png_loses_its_texts() -> None:
    body = png()
    telling = chunk(b"tEXt", b"Author\0Wang") + chunk(b"eXIf", b"MM\0\x2a") + chunk(b"tIME", bytes(7))
    cut = body.index(b"IDAT") - 4
    sent = body[:cut] + telling + body[cut:]
    assert content_type(sent) == "image/png"
    assert without_metadata(sent, "image/png") == body
