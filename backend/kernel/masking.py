"""How personal data is shown where it must not be shown whole (domain-rules §1.3-7). The one place that masks."""

from __future__ import annotations


def mask_number(number: str) -> str:
    """An identity number on a public surface: first and last character, the rest as stars."""
    if len(number) < 3:
        return "*" * len(number)
    return number[0] + "*" * (len(number) - 2) + number[-1]
