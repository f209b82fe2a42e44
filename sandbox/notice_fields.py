"""The type table of notice fields (wechat-protocol.md §5.3): what each prefix lets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.notices import NoticeTemplate

_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DATE = (
    r"(?:\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}|\d{4}-\d{1,2}|\d{1,2}-\d{1,2})"
)
_MOMENT = f"(?:{_DATE} ?)?{_CLOCK}"
_DAY = f"{_DATE}(?: ?{_CLOCK})?"
_HAN = "\u3400-\u9fff"


def _range_of(pattern: str) -> Callable[[str], bool]:
    return _full(rf"{pattern}(?: ?[~～] ?{pattern})?")


def _full(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _name(value: str) -> bool:
    # Mixed with Chinese counts as Chinese: 10; otherwise 20 letters or symbols.
    return len(value) <= (10 if re.search(f"[{_HAN}]", value) else 20) and not re.search(r"\d", value)


CHECKS: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "short_thing": lambda value: len(value) <= 5,
    "number": lambda value: len(value) <= 32 and _full(r"[+-]?\d+(\.\d+)?")(value),
    "letter": _full(r"[A-Za-z]{1,32}"),
    "symbol": _full(r"[^\w\s]{1,5}"),
    "character_string": _full(r"[\x20-\x7e]{1,32}"),
    "time": _range_of(_MOMENT),
    "date": _range_of(_DAY),
    "amount": _full(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": _full(r"[0-9+\-() ]{1,17}"),
    "car_number": lambda value: len(value) <= 8,
    "name": _name,
    "phrase": _full(f"[{_HAN}]{{1,5}}"),
    "const": lambda value: len(value) <= 20,
    "keyword": lambda value: bool(value),  # old templates check nothing and cut instead
}
CUT_AT = 20


def first_bad_field(template: NoticeTemplate, data: Any) -> str | None:
    """The key of the first field that WeChat would refuse, or None. Keys outside the template (first) are ignored."""
    if not isinstance(data, dict):
        return template.fields[0].key
    for field in template.fields:
        given = data.get(field.key)
        value = given.get("value") if isinstance(given, dict) else None
        if not isinstance(value, str) or not _fits(field.key, value):
            return field.key
    return None


def shown_fields(template: NoticeTemplate, data: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of the card on the phone, in the template's order; old templates show 20 characters of each."""
    rows = []
    for field in template.fields:
        value = data[field.key]["value"]
        rows.append({"label": field.label, "value": value[:CUT_AT] if field.key.startswith("keyword") else value})
    return rows


def _fits(key: str, value: str) -> bool:
    if not value.strip() or re.search(r"[\x00-\x1f\x7f]", value):
        return False
    return CHECKS[key.rstrip("0123456789")](value)
