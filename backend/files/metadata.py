"""What a camera writes beside a picture (where, when, with which device) is taken out before others see it.

Only for bytes that `rules.content_type` has found to be whole. How a JPEG is to be turned is kept, or it would lie on
its side.
"""

from __future__ import annotations

import re
import struct

_PNG_HEAD = 8
_SPOKEN = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})  # ISO/IEC 15948, 11.3
_SCAN, _END, _EXIF = 0xDA, 0xD9, 0xE1
# APP0 is the picture's form, APP2 and APP14 its colours; the others and comments tell of the camera (ITU T.81, B.2.4).
_TELLING = frozenset({0xFE, *range(0xE0, 0xF0)}) - {0xE0, 0xE2, 0xEE}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_AFTER_ENTROPY = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112
_USUAL = 1


def without_metadata(body: bytes, content_type: str) -> bytes:
    """The picture alone, as JPEG or PNG as it came."""
    return _jpeg(body) if content_type == "image/jpeg" else _png(body)


def _png(body: bytes) -> bytes:
    kept, place = [body[:_PNG_HEAD]], _PNG_HEAD
    while place < len(body):
        end = place + 12 + int.from_bytes(body[place : place + 4], "big")
        if body[place + 4 : place + 8] not in _SPOKEN:
            kept.append(body[place:end])
        place = end
    return b"".join(kept)


def _jpeg(body: bytes) -> bytes:
    """Segments up to the end of the picture; what telephones put behind it, a film, goes too."""
    kept, place, turned = [body[:2]], 2, _USUAL
    while place + 4 <= len(body):
        marker = body[place + 1]
        if marker == 0xFF or marker in _STANDALONE:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == _END:
            break
        end = place + 2 + int.from_bytes(body[place + 2 : place + 4], "big")
        if marker == _EXIF:
            turned = _orientation(body[place + 4 : end]) or turned
        if marker == _SCAN:
            found = _AFTER_ENTROPY.search(body, end)
            end = found.end() - 2 if found else len(body)
        if marker not in _TELLING:
            kept.append(body[place:end])
        place = end
    if turned != _USUAL:
        kept.insert(1, _exif(turned))
    return b"".join(kept) + b"\xff\xd9"


def _orientation(data: bytes) -> int | None:
    """2 to 8 as Exif says it (CIPA DC-008, 4.6.4 A); None where there is none, or it cannot be read."""
    if not data.startswith(b"Exif\0\0") or data[6:8] not in (b"II", b"MM"):
        return None
    order = "<" if data[6:8] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(f"{order}I", data, 10)
        (count,) = struct.unpack_from(f"{order}H", data, 6 + start)
        for entry in range(min(count, 64)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", data, 8 + start + 12 * entry)
            if tag == _ORIENTATION:
                return value if _USUAL < value <= 8 else None
    except struct.error:
        return None
    return None


def _exif(turned: int) -> bytes:
    """A segment that says this alone."""
    directory = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turned, 0, 0)
    data = b"Exif\0\0MM\0\x2a" + struct.pack(">I", 8) + directory
    return b"\xff\xe1" + (len(data) + 2).to_bytes(2, "big") + data
