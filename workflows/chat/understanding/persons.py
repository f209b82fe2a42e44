"""Persons as residents type them: names with identity numbers or telephones, in any order, on any number of lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from workflows.chat.understanding.person_words import (
    LABEL,
    PASSPORT_HINT,
    PERMIT_HINT,
    ROLE,
    begins_with_surname,
    may_be_a_name,
)
from workflows.chat.understanding.words import clean


@dataclass(frozen=True)
class TypedPerson:
    """One person as typed, unchecked: number in half-width capitals without blanks, leftover what was not understood.

    The leftover can hold a mistyped identity number, so it is as secret as `number`; neither is shown by repr.
    """

    name: str | None
    number: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    leftover: str = field(repr=False)


class _Slot(Enum):
    NAME = "name"
    NUMBER = "number"
    PHONE = "phone"
    LEFTOVER = "leftover"


_Token = tuple[_Slot, str]
_HAN = "一-鿿㐀-䶿\U00020000-\U0003ffff々〇"
_LINES = re.compile(r"[\n;]+")
_JOINED = re.compile(rf"(?<=[\dXx\s])(?:和|与|及|跟|还有)|(?<=[{_HAN}]{{2}})(?:和|与|及|跟|还有|、)(?=[{_HAN}]{{2}})")
_CROSS_FOR_X = re.compile(r"(?<=\d)[×✕✖ХΧхχ＊*](?![\d])")
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "●": "·", "–": "-", "—": "-", "−": "-"})
_DIGIT_RUN = re.compile(r"(?<![A-Za-z\d])\d+[Xx]?(?:[ -]{1,2}\d+[Xx]?|[ -]{1,2}[Xx](?![A-Za-z]))*(?![A-Za-z\d])")
_LETTERED = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,3}\s?\d{6,12}(?:\(\d{1,2}\))?(?![A-Za-z\d])")
_HINTED = re.compile(r"(?<![A-Za-z\d])(?=[A-Za-z]{0,10}\d)[A-Za-z\d]{5,17}(?![A-Za-z\d])")
_SPACED_NAME = re.compile(rf"(?<![{_HAN}·])([{_HAN}])\s([{_HAN}]{{1,2}})(?:\s([{_HAN}]))?(?![{_HAN}·])")
_NAME = re.compile(rf"[{_HAN}](?:·?[{_HAN}])+|[A-Za-z][A-Za-z'.]+(?:[ -][A-Za-z'.]+){{0,4}}")
_IDENTITY = re.compile(r"\d{17}[\dX]|\d{15}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_LISTED = re.compile(rf"^\s*(?:\(?\d{{1,2}}\s?[、.):]\s?|\d\s+)(?=[{_HAN}A-Za-z])")
_NUMBER_LIKE = re.compile(r"\d{8}")
_MOST_PIECES = 9  # nobody writes a number in more groups, save one digit at a time
_LONGEST_LIST = 1000  # characters; a score of persons with everything about them
_MOST_LINES = 60
_MARK = "\x1f"


def read_persons(text: str) -> list[TypedPerson]:
    """The persons a text lists, in its order; [] when it names nobody.

    Lines, semicolons and a joining 和 separate persons; within them a second name or number begins the next one. A name
    alone on its line is completed by a number alone on the next. Checksums are not looked at (the kernel judges them).
    A number of the wrong length is in `leftover`, alone if need be, so that the resident can be told.
    """
    group = _Group()
    for line in _lines(text):
        group.begin_line(line)
        for slot, value in line:
            group.add(slot, value)
    return group.finish()


class _Group:
    """Gathers tokens into persons: a filled slot that is offered again begins the next person."""

    def __init__(self) -> None:
        self.persons: list[TypedPerson] = []
        self.now: dict[_Slot, str] = {}
        self.unread: list[str] = []

    def begin_line(self, line: list[_Token]) -> None:
        offered = {slot for slot, _ in line} & {_Slot.NAME, _Slot.NUMBER}
        complete = _Slot.NAME in self.now and _Slot.NUMBER in self.now
        if offered and (complete or len(offered) == 2):
            self.close()

    def add(self, slot: _Slot, value: str) -> None:
        if slot is _Slot.LEFTOVER:
            self.unread.append(value)
            return
        if slot in self.now:
            self.close()
        self.now[slot] = value

    def close(self) -> None:
        if self.now:
            name, number, phone = (self.now.get(slot) for slot in (_Slot.NAME, _Slot.NUMBER, _Slot.PHONE))
            self.persons.append(TypedPerson(name, number, phone, " ".join(self.unread)))
            self.now, self.unread = {}, []

    def finish(self) -> list[TypedPerson]:
        self.close()
        unread = " ".join(self.unread)
        if self.persons and unread:
            last = self.persons[-1]
            self.persons[-1] = replace(last, leftover=f"{last.leftover} {unread}".strip())
        elif _NUMBER_LIKE.search(unread):
            self.persons.append(TypedPerson(None, None, None, unread))
        return self.persons


def _lines(text: str) -> Iterator[list[_Token]]:
    folded = unicodedata.normalize("NFKC", clean(text[:_LONGEST_LIST])).translate(_DOTS)[:_LONGEST_LIST]
    folded = _CROSS_FOR_X.sub("X", folded)
    parts = [part for line in _LINES.split(folded) for part in _JOINED.split(_LISTED.sub("", line))]
    for part in parts[:_MOST_LINES]:
        tokens = list(_tokens(part))
        if tokens:
            yield tokens


def _tokens(line: str) -> Iterator[_Token]:
    """Numbers first, then names in what is left, in the order in which they stand."""
    found: list[tuple[int, _Token]] = []

    def take(at: int, slot: _Slot, value: str) -> None:
        found.append((at, (slot, value)))

    rest = line
    for shape in (_LETTERED, *([_HINTED] if PASSPORT_HINT.search(line) else [])):
        for match in shape.finditer(rest):
            take(match.start(), _Slot.NUMBER, re.sub(r"\s", "", match.group()).upper())
        rest = shape.sub(_blank, rest)
    permit = PERMIT_HINT.search(line) is not None
    for match in _DIGIT_RUN.finditer(rest):
        for at, slot, value in _numbers(match, permit=permit):
            take(at, slot, value)
    rest = _DIGIT_RUN.sub(_blank, rest)
    numbered = any(slot in (_Slot.NUMBER, _Slot.PHONE) for _, (slot, _) in found)
    rest = _SPACED_NAME.sub(_closed_up, ROLE.sub(_blank, LABEL.sub(_blank, rest)))
    for match in _NAME.finditer(rest):
        name = match.group()
        good = may_be_a_name(name, with_number=numbered)
        take(match.start(), _Slot.NAME if good else _Slot.LEFTOVER, name)
    for match in re.finditer(r"[^\s,.:;、()/\x1f-]+", _NAME.sub(_blank, rest)):
        take(match.start(), _Slot.LEFTOVER, match.group())
    yield from (token for _, token in sorted(found, key=lambda entry: entry[0]))


def _blank(match: re.Match[str]) -> str:
    return _MARK * len(match.group())


def _closed_up(match: re.Match[str]) -> str:
    """ "张 三" is one name; blanks go behind it so that places in the line stay true."""
    if not begins_with_surname(match.group()):
        return match.group()
    name = "".join(part for part in match.groups() if part)
    return name + _MARK * (len(match.group()) - len(name))


def _numbers(run: re.Match[str], *, permit: bool) -> Iterator[tuple[int, _Slot, str]]:
    """Identity numbers and telephones in a run of digit groups, whose groups may be pieces of one number."""
    if len(run.group()) < 8:
        yield run.start(), _Slot.LEFTOVER, run.group()
        return
    pieces = [(piece.start() + run.start(), piece.group().upper()) for piece in re.finditer(r"[\dXx]+", run.group())]
    at = 0
    while at < len(pieces):
        near = [piece for _, piece in pieces[at : at + 18]]
        apart = len(pieces) <= 18 and all(len(piece) == 1 for piece in near)
        slot, value, used = _best_number(near if apart else near[:_MOST_PIECES], permit=permit)
        yield pieces[at][0], slot, value
        at += used


def _best_number(pieces: list[str], *, permit: bool) -> tuple[_Slot, str, int]:
    """What the leading pieces make, and how many of them: a piece that is whole by itself is never joined."""
    for wanted in (1, *range(2, len(pieces) + 1)):
        joined = "".join(pieces[:wanted])
        if len(joined) > 18:
            break
        if len(joined) == 11 and _PHONE.fullmatch(joined):
            return _Slot.PHONE, joined, wanted
        if len(joined) >= 15 and _IDENTITY.fullmatch(joined) and not _goes_on(pieces, wanted, joined):
            return _Slot.NUMBER, joined, wanted
    if permit and len(pieces[0]) == 8 and not _is_day(pieces[0]):
        return _Slot.NUMBER, pieces[0], 1
    return _Slot.LEFTOVER, pieces[0], 1


def _goes_on(pieces: list[str], used: int, joined: str) -> bool:
    """Whether fifteen digits in pieces are only the beginning of eighteen."""
    if len(joined) != 15 or used == 1:
        return False
    longer = joined
    for piece in pieces[used:]:
        longer += piece
        if len(longer) >= 18:
            break
    return len(longer) == 18


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False
