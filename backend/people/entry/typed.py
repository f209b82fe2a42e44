"""A code that somebody types in the account's chat: their own mini-program's, or one that a counter gave (§4.2).

Both have eight digits; which of them it is, only the rows know.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from backend.kernel.errors import AppError
from backend.people.binding import bind_by_code, given_to
from backend.people.entry.linking import link_by_code, shown_by
from backend.people.identities import any_identity
from backend.people.texts import TYPED_CODE_WRONG
from backend.people.tries import count_code_of_person, take_back
from backend.storage import transaction


@dataclass(frozen=True)
class TypedCode:
    """Whom a code leads to; `of_miniprogram`: the code is shown by a mini-program, else a counter gave it."""

    person_id: uuid.UUID
    of_miniprogram: bool


def read_typed_code(person_id: uuid.UUID, digits: str) -> TypedCode:
    """What a code means that the chat's person typed. A turn that joins this to its transaction keeps the count.

    Raises `AppError`: invalid for a code that is not there, used or over; rate_limited after five in ten minutes.
    """
    counted = count_code_of_person(person_id)
    with transaction():
        other_id, of_miniprogram = shown_by(digits), True
        if other_id is None:
            other_id, of_miniprogram = given_to(digits), False
        if other_id is None:
            raise AppError("invalid", TYPED_CODE_WRONG, 422, errors={"code": [TYPED_CODE_WRONG]})
        take_back(counted)
    return TypedCode(other_id, of_miniprogram)


def use_typed_code(person_id: uuid.UUID, digits: str) -> uuid.UUID:
    """Do what a code is for; returns who the chat's person is from now on. Raises as `link_by_code`, `bind_by_code`."""
    with transaction():
        if shown_by(digits) is not None:
            return link_by_code(person_id, digits)
        return bind_by_code(any_identity(person_id), digits)
