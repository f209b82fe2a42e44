"""Small files of every kind, made by hand, so that they check the reader and not each other."""

from __future__ import annotations

import struct
import zlib

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 3, *, pixels: bytes = b"") -> bytes:
    """A PNG whose header says these sides."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(pixels or b"\0\0\0" * 3)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width: int = 2, height: int = 3, *, frame: int = 0xC0, after: bytes = b"") -> bytes:
    """A JPEG whose frame says these sides; `after` follows its end."""
    sides = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    body = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + segment(0xFE, b"\xff\xd9 in a remark") + b"\xff"
    body += segment(frame, sides) + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\xff\x00\x56"
    return b"\xff\xd8" + body + b"\xff\xd9" + after


def plain_jpeg() -> bytes:
    """The same without its remark and the filling behind it."""
    return jpeg().replace(segment(0xFE, b"\xff\xd9 in a remark") + b"\xff", b"")


def pdf(inside: bytes = b"") -> bytes:
    """A PDF, as far as anybody looks."""
    return b"%PDF-1.7\n1 0 obj <<" + inside + b">> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
