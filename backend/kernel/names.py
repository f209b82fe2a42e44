"""Names as people write them: one form to keep, and one to compare by."""

from __future__ import annotations

import re
import unicodedata

_MIDDLE_DOTS = re.compile("[•.・‧∙]")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·•.' -]){1,29}")


def clean_name(text: str) -> str:
    """The name without blanks around it and between Chinese characters; elsewhere single ones stay."""
    return _BETWEEN_IDEOGRAPHS.sub("", re.sub(r"\s+", " ", text).strip())


def is_name(name: str) -> bool:
    """Whether a cleaned text can be a name: 2 to 30 letters of any script, with the signs that stand in names."""
    return _NAME.fullmatch(name) is not None


def plain_name(name: str) -> str:
    """The form names are compared by: blind to blanks, letter case, full width and the kind of middle dot."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold()
    return _MIDDLE_DOTS.sub("·", plain)
