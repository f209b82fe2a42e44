"""What people type about an old registration: names then, years, place, number of the certificate, what else helps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.kernel.names import clean_name, is_name
from workflows.chat.flows.marriage.papers import asks_papers
from workflows.chat.understanding import normalise, says
from workflows.chat.understanding.person_words import may_be_a_name

_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR = r"(?:1[89]|20)\d{2}|(?<!\d)\d{2}(?=年)"
_CHINESE_YEAR = re.compile(r"[〇零一二三四五六七八九]{2,4}(?=年)")
_YEARS = re.compile(rf"({_YEAR})年?(?:\s*(?:-|—|–|~|到|至)+\s*({_YEAR})年?)?(?:左右|前后|上下)?")
_CERTIFICATE = re.compile(r"(?:证号)?[::]?((?:[A-Za-z]?\d{6}-\d{4}-\d{5,6})|[^\s,,。;;]{0,12}字第?\s*\w{1,12}号)")
_BETWEEN = re.compile(r"[\s,,、/和与跟&+]+")
_APART = re.compile(r"[\s,,。;;、]+")
_LABELLED = {
    "former_name": re.compile(r"(?:曾用名|原名|以前叫|小名)[::是叫]?\s*([^\s,,。;;、]+)"),
    "native_place": re.compile(r"(?:籍贯|老家|祖籍)[::是在]?\s*([^\s,,。;;、]+)"),
    "work_unit": re.compile(r"(?:工作单位|单位|工作)[::是在]?\s*([^\s,,。;;、]+)"),
}
_BORN = re.compile(r"(?:出生|生于)?[::]?\s*((?:1[89]|20)\d{2})年?(?:出生|生人|生)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_STICKER = re.compile(r"\[[^\]]*\]")  # stickers and pictures as WeChat writes them
_AROUND = 1  # “左右” means a year before and after


@dataclass(frozen=True)
class WhenWhere:
    """What was told of a registration; `certificate` and `place` may be empty."""

    first_year: int
    last_year: int
    place: str
    certificate: str


def plain(text: str) -> str:
    """Half width, with the years written in figures."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return _CHINESE_YEAR.sub(lambda found: found[0].translate(_DIGITS), folded)


def read_names(text: str) -> list[str] | None:
    """One or two names; None for anything else."""
    pieces = [clean_name(piece) for piece in _BETWEEN.split(unicodedata.normalize("NFKC", text).strip()) if piece]
    # One word alone must look like a name; of two, an unusual surname is more likely than a sentence.
    fit = 1 <= len(pieces) <= 2 and all(may_be_a_name(piece, with_number=len(pieces) == 2) for piece in pieces)
    return pieces if fit and all(is_name(piece) for piece in pieces) else None


def is_sentence(text: str) -> bool:
    """Whether a text says something of its own: not a number from a list, and not what to bring."""
    return len(_HAN.findall(_STICKER.sub("", text))) >= 2 and not asks_papers(text)


def read_when_where(text: str, this_year: int) -> WhenWhere | None:
    """Year or years, place and certificate; None where no year is told."""
    said = plain(text)
    certificate = _CERTIFICATE.search(said)
    rest = said.replace(certificate[0], " ") if certificate else said
    found = _YEARS.search(rest)
    if found is None:
        return None
    first, last = _year(found[1], this_year), _year(found[2] or found[1], this_year)
    if re.search(r"左右|前后|上下", found[0]):
        first, last = first - _AROUND, min(last + _AROUND, this_year)
    place = " ".join(piece for piece in _APART.split(rest.replace(found[0], " ")) if piece and piece != "在")
    number = re.sub(r"\s", "", certificate[1]) if certificate else ""
    return WhenWhere(min(first, last), max(first, last), place[:60], number)


def _year(written: str, this_year: int) -> int:
    year = int(written)
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= this_year else 1900 + year


def read_details(text: str) -> Mapping[str, str | int]:
    """Former name, birth year, native place, work unit; what is not labelled is taken for the work unit."""
    if not is_sentence(text):
        return {}
    said = plain(text)
    told: dict[str, str | int] = {}
    for name, pattern in _LABELLED.items():
        found = pattern.search(said)
        if found:
            told[name] = found[1][:60]
            said = said.replace(found[0], " ")
    born = _BORN.search(said)
    if born:
        told["birth_year"] = int(born[1])
        said = said.replace(born[0], " ")
    rest = [piece for piece in _APART.split(said) if len(_HAN.findall(piece)) > 1]
    if rest and "work_unit" not in told:
        told["work_unit"] = " ".join(rest)[:60]
    return told


def knows_nothing(text: str) -> bool:
    """Whether somebody says that they do not remember."""
    return says(normalise(text), "不清楚", "不知道", "不记得", "记不清", "忘了", "没有", "都没有", "跳过", "不详")


def years_told(first: int, last: int) -> str:
    """1987年, or 1985–1989年."""
    return f"{first}年" if first == last else f"{first}–{last}年"


def numbered(options: Sequence[str]) -> list[str]:
    """The options as a list to choose from."""
    return [f"{number} {option}" for number, option in enumerate(options, start=1)]
