"""A file is what its bytes say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.files.rules import MOST_BYTES, MOVES, Refusal, Unfit, UploadState, content_type
from tests.files.samples import EICAR, chunk, jpeg, pdf, png


def refusal(body: bytes) -> Refusal:
    with pytest.raises(Unfit) as caught:
        content_type(body)
    return caught.value.refusal


def outcome(body: bytes) -> str:
    """The type, or the reason; whatever else is raised fails the test."""
    try:
        return content_type(body)
    except Unfit as unfit:
        return unfit.refusal


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (png(), "image/png"),
        (png(5000, 10_000), "image/png"),
        (jpeg(), "image/jpeg"),
        (jpeg(frame=0xC2), "image/jpeg"),
        (jpeg(after=b"\0\0\0\x18ftypmp42 a short film"), "image/jpeg"),
        (pdf(), "application/pdf"),
    ],
)
def test_whole_files_are_known_by_their_bytes(body: bytes, kind: str) -> None:
    assert content_type(body) == kind


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", Refusal.EMPTY),
        (png() + b"\0" * MOST_BYTES, Refusal.TOO_LARGE),
        (b"GIF89a\x01\0\x01\0", Refusal.WRONG_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.WRONG_TYPE),
        (b"<html>", Refusal.WRONG_TYPE),
        (b"PK\x03\x04", Refusal.WRONG_TYPE),
        (b"MZ\x90\0", Refusal.WRONG_TYPE),
        (EICAR, Refusal.WRONG_TYPE),
        (b" " + png(), Refusal.WRONG_TYPE),
        (b"\0\0\0\x18ftypheic", Refusal.WRONG_TYPE),
        (png()[:-1], Refusal.DAMAGED),
        (png() + b"PK\x03\x04", Refusal.DAMAGED),
        (png().replace(b"IDAT", b"IDAX"), Refusal.DAMAGED),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), Refusal.DAMAGED),
        (b"\x89PNG\r\n\x1a\n", Refusal.DAMAGED),
        (png(0, 4), Refusal.DAMAGED),
        (png(20_001, 1), Refusal.TOO_MANY_PIXELS),
        (png(8000, 8000), Refusal.TOO_MANY_PIXELS),
        (png(2**31, 2**31), Refusal.TOO_MANY_PIXELS),
        (jpeg(0, 3), Refusal.DAMAGED),
        (jpeg(60_000, 60_000), Refusal.TOO_MANY_PIXELS),
        (jpeg()[:-2], Refusal.DAMAGED),
        (jpeg().replace(b"\xff\xc0", b"\xff\xc4"), Refusal.DAMAGED),
        (b"\xff\xd8\xff\xd9", Refusal.DAMAGED),
        (b"\xff\xd8\xff", Refusal.DAMAGED),
        (b"\xff\xd8\xff\xe0\x00\x00", Refusal.DAMAGED),
        (pdf().replace(b"%%EOF", b""), Refusal.DAMAGED),
        (pdf().replace(b"1.7", b"9.9"), Refusal.DAMAGED),
        (pdf(b"/OpenAction 2 0 R"), Refusal.WRONG_TYPE),
        (pdf(b"/Names <</JavaScript 3 0 R>>"), Refusal.WRONG_TYPE),
        (pdf(b"/S /Launch"), Refusal.WRONG_TYPE),
    ],
)
def test_everything_else_is_refused(body: bytes, why: Refusal) -> None:
    assert refusal(body) is why


@given(st.sampled_from([png(), jpeg(), pdf()]), st.integers(0, 200), st.binary(max_size=8), st.integers(0, 8))
def test_no_bytes_are_too_much_for_the_reader(whole: bytes, place: int, put_in: bytes, take_out: int) -> None:
    body = whole[:place] + put_in + whole[place + take_out :]
    assert outcome(body)


@given(st.binary(max_size=200))
def test_any_bytes_at_all(body: bytes) -> None:
    for begin in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"):
        assert outcome(begin + body)


def test_what_has_ended_does_not_begin_again() -> None:
    assert MOVES[UploadState.DELETED] == frozenset()
    assert UploadState.FETCHED not in MOVES[UploadState.REFUSED]
