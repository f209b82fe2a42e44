"""The limits of template and subscription fields (wechat-protocol §5.3), checked before a notice is queued.

One value out of bounds makes WeChat refuse the whole notice with 47003, so free text and names are cut, and all else
is checked: half an appointment number or half a date would be worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from backend.wechat.errors import BadContent

Fitter = Callable[[str], str | None]  # the value as it may be sent, or None if it cannot be

_ELLIPSIS = "\u2026"
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KEY = re.compile(r"([a-z_]+)[0-9]+")

# Chinese text stands in catalogues only; these four are part of the protocol, so they are written as escapes.
_YEAR, _MONTH, _DAY, _YUAN = r"\u5e74", r"\u6708", r"\u65e5", r"\u5143"
_M, _D = r"(?:1[0-2]|0?[1-9])", r"(?:[12][0-9]|3[01]|0?[1-9])"
_FULL_DATE = "|".join(
    [rf"[0-9]{{4}}{_YEAR}{_M}{_MONTH}{_D}{_DAY}", *(rf"[0-9]{{4}}{sep}{_M}{sep}{_D}" for sep in ("-", "/", r"\."))]
)
_CLOCK = r"(?:2[0-3]|[01]?[0-9]):[0-5][0-9](?::[0-5][0-9])?"
_TIME = rf"(?:(?:{_FULL_DATE}) )?{_CLOCK}"
_DATE = rf"(?:(?:{_FULL_DATE})(?: {_CLOCK})?|[0-9]{{4}}-{_M}|{_M}-{_D})"


class FieldError(BadContent):
    """A value that its field cannot take. `field` is the key, `why` one of `empty`, `impossible`, `unknown_field`.

    The value is not in it: it may be a name or a number of a person.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__()
        self.args = (field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"FieldError field={self.field} why={self.why}"


def fit_fields(data: Mapping[str, str], choices: Mapping[str, Sequence[str]] = MappingProxyType({})) -> dict[str, str]:
    """The values of a notice, keyed like `thing1`, as WeChat will accept them. Raises `FieldError`.

    `choices`: the values that an `enum` or `const` key takes, where they are known.
    """
    fitted = {key: _fit(key, value) for key, value in data.items()}
    for key, listed in choices.items():
        if key in fitted and fitted[key] not in listed:
            raise FieldError(key, "impossible")
    return fitted


def kind_of_key(key: str) -> str | None:
    """The type in a template's key, `thing` of `thing1`; None for what is no key of WeChat's."""
    named = _KEY.fullmatch(key)
    return named[1] if named and named[1] in FITTERS else None


def fit_value(kind: str, value: str, key: str = "") -> str:
    """One value for a field of a type, as WeChat will accept it. Raises `FieldError` that names `key`."""
    text = _one_line(value)
    if not text:
        raise FieldError(key, "empty")
    fitted = FITTERS[kind](text)
    if not fitted:
        raise FieldError(key, "impossible")
    return fitted


def _fit(key: str, value: str) -> str:
    kind = kind_of_key(key)
    if kind is None:
        raise FieldError(key, "unknown_field")
    return fit_value(kind, value, key)


def _one_line(value: str) -> str:
    """Line breaks become spaces; control characters, lone surrogates and invisible marks go."""
    spaced = re.sub(r"\s+", " ", value)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs")).strip()


def _units(text: str) -> int:
    # UTF-16 units, as JavaScript counts: a rare character or an emoji is two. Should WeChat count it as one, we only
    # cut a little early.
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> str:
    if _units(text) <= limit:
        return text
    kept = text
    while _units(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def _thing(text: str) -> str:
    return _cut(text[:64], 20)


def _name(text: str) -> str | None:
    if any(char.isdigit() for char in text):
        return None
    return _cut(text[:64], 20 if text.isascii() else 10)


def _character_string(text: str) -> str | None:
    return text if len(text) <= 32 and text.isascii() else None


def _symbol(text: str) -> str | None:
    return text if _units(text) <= 5 and not any(char.isalnum() or char == " " for char in text) else None


def _letter(text: str) -> str | None:
    return text if len(text) <= 32 and text.isascii() and text.isalpha() else None


def _short_thing(text: str) -> str | None:
    return text if _units(text) <= 5 else None


def _listed(text: str) -> str | None:
    # Which values a template lists only its owner knows; the length alone can be checked here.
    return text if _units(text) <= 20 else None


def _like(pattern: str, limit: int | None = None) -> Fitter:
    compiled = re.compile(pattern)

    def fitter(text: str) -> str | None:
        return text if compiled.fullmatch(text) and (limit is None or len(text) <= limit) else None

    return fitter


FITTERS: dict[str, Fitter] = {
    "thing": _thing,
    "short_thing": _short_thing,
    "number": _like(r"-?[0-9]+(?:\.[0-9]+)?", 32),
    "letter": _letter,
    "symbol": _symbol,
    "character_string": _character_string,
    "time": _like(rf"{_TIME}(?: ?~ ?{_TIME})?"),
    "date": _like(rf"{_DATE}(?: ?~ ?{_DATE})?"),
    "amount": _like(rf"[$\u00a3\u00a5\uffe5\u20ac]?[0-9]{{1,10}}(?:\.[0-9]{{1,2}})?{_YUAN}?"),
    "phone_number": _like(r"[0-9+*#() -]{1,17}"),
    "car_number": _like(rf"[{_HAN}A-Za-z0-9][A-Za-z0-9]{{0,6}}[{_HAN}A-Za-z0-9]"),
    "name": _name,
    "phrase": _like(f"[{_HAN}]{{1,5}}"),
    "enum": _listed,
    "const": _listed,
}
