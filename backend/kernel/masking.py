"""How personal data is shown where it must not be shown whole (domain-rules §1.3-7). The one place that masks."""

from __future__ import annotations


def mask_number(number: str) -> str:
    """An identity number on a public surface: first and last character, the rest as stars."""
    return _between(number, 1, 1)


def mask_number_for_owner(number: str) -> str:
    """An identity number for its owner after a fresh proof: the first three and the last four characters.

    A number too short for that to hide anything is shown as on a public surface.
    """
    return _between(number, 3, 4) if len(number) > 10 else mask_number(number)


def mask_name(name: str) -> str:
    """A name with its middle as stars; of two characters the first stays (张三 to 张*)."""
    if len(name) < 3:
        return name[:1] + "*" * (len(name) - 1)
    return _between(name, 1, 1)


def mask_phone(phone: str) -> str:
    """A telephone number: the first three and the last four digits."""
    return _between(phone, 3, 4) if len(phone) > 7 else "*" * len(phone)


def _between(text: str, first: int, last: int) -> str:
    """The first and last characters of a text; all stars where it has hardly more than these."""
    hidden = len(text) - first - last
    if hidden < 1:
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[-last:]
