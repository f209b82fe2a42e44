"""Booking requests: each by another login, for another couple, with a key of its own."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.kernel.identity import check_character
from bench import texts
from bench.load import post

PATH = "/api/v1/marriage/appointments"

_AREA = "100000"  # given to nobody
_DAYS = 9000  # birth dates are spread over so many days, so that all couples are of age
_FIRST_BIRTH_DATE = date(1970, 1, 1)
_GROOM, _BRIDE = 1, 2  # the sequence is odd for men, even for women
_DECLARED = {"in_person": True, "free_will": True, "no_spouse": True, "no_kinship": True}


@dataclass(frozen=True)
class Target:
    """Slots to book, in turn: `slots` the product's, `bench_slots` those of the single statement."""

    slots: Sequence[uuid.UUID]
    bench_slots: Sequence[int]


class BookingMaker:
    """Makes requests from a stock of logins, each used once."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = iter(tokens)
        self._couples = itertools.count()

    def requests(self, target: Target, count: int) -> list[bytes]:
        """`count` bookings for the product's API."""
        return [self._booking(slot) for slot in itertools.islice(itertools.cycle(target.slots), count)]

    def asking(self, rush_id: uuid.UUID, count: int) -> list[bytes]:
        """`count` couples ask for a place of a peak day, each once."""
        return [self._asking(rush_id) for _ in range(count)]

    def _asking(self, rush_id: uuid.UUID) -> bytes:
        couple = next(self._couples)
        parties = [_party(texts.GROOM, couple, _GROOM), _party(texts.BRIDE, couple, _BRIDE)]
        body = json.dumps({"parties": parties, "declarations": _DECLARED}).encode()
        return post(f"/api/v1/marriage/rushes/{rush_id}/requests", body, self._headers())

    def _headers(self) -> str:
        return (
            f"Content-Type: application/json\r\nAuthorization: Bearer {next(self._tokens)}\r\n"
            f"Idempotency-Key: {uuid.uuid4()}\r\n"
        )

    def bare_requests(self, target: Target, count: int) -> list[bytes]:
        """`count` bookings for the view with a single statement."""
        return [
            post("/bookings", json.dumps(values).encode(), "Content-Type: application/json\r\n")
            for values in itertools.islice(bare_bookings(target), count)
        ]

    def _booking(self, slot: uuid.UUID) -> bytes:
        couple = next(self._couples)
        body = {
            "kind": "marriage_registration",
            "slot_id": str(slot),
            "parties": [_party(texts.GROOM, couple, _GROOM), _party(texts.BRIDE, couple, _BRIDE)],
            "declarations": _DECLARED,
        }
        return post(PATH, json.dumps(body).encode(), self._headers())


def bare_bookings(target: Target) -> Iterator[dict[str, object]]:
    """What the single statement needs, without end."""
    return ({"slot": slot, "person": str(uuid.uuid4())} for slot in itertools.cycle(target.bench_slots))


def _party(name: str, couple: int, sequence: int) -> dict[str, str]:
    turn, day = divmod(couple, _DAYS)
    first17 = f"{_AREA}{_FIRST_BIRTH_DATE + timedelta(days=day):%Y%m%d}{2 * turn + sequence:03d}"
    return {
        "name": name,
        "id_type": "resident_identity_card",
        "id_number": first17 + check_character(first17),
        "phone": f"139{couple:08d}",
    }
