"""What a notice is. The notices themselves stand in `messages/catalogue/`, one file per service."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from backend.wechat.fields import FieldError, fit_value
from messages.kinds import kind_of
from messages.models import Channel

# domain-rules §7: people are left in peace at night, except for what is urgent.
QUIET_FROM = time(21, 0)
QUIET_UNTIL = time(8, 0)

_IDENTITY_NUMBER = re.compile(r"\d{15}")  # old cards have 15 digits, new ones 17 and a check character


class Audience(StrEnum):
    """Whom a notice is for."""

    RESIDENT = "resident"
    STAFF = "staff"


@dataclass(frozen=True)
class Notice:
    """One thing we say. `title` names it to staff; `text` is the customer-service wording, a format string over
    `fields`, all of which it needs.

    `channels` are tried in order. A notice with `Channel.DESK` must reach the person: when WeChat cannot, a member of
    staff does. One without is given up quietly. `urgent` notices also go out in the quiet hours.
    """

    key: str
    title: str
    audience: Audience
    text: str
    fields: tuple[str, ...]
    channels: tuple[Channel, ...]
    urgent: bool = False

    def __post_init__(self) -> None:
        used = {name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None}
        if not used <= set(self.fields):
            raise ValueError(f"{self.key} uses fields it does not have: {sorted(used - set(self.fields))}")
        if not self.channels:
            raise ValueError(f"{self.key} has no channel")

    def check(self, data: Mapping[str, str]) -> None:
        """Raise `ValueError` unless `data` fills exactly the fields, with text that templates can carry.

        Identity numbers are refused.

        The error names the field and never its value.
        """
        if data.keys() != set(self.fields):
            raise ValueError(f"{self.key} needs the fields {sorted(self.fields)}, not {sorted(data)}")
        for field, value in data.items():
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"{self.key} needs a text for {field}")
            if _IDENTITY_NUMBER.search(unicodedata.normalize("NFKC", value)):
                raise ValueError(f"{field} of {self.key} looks like an identity number; notices never hold one")
            self._check_fits(field, value)

    def _check_fits(self, field: str, value: str) -> None:
        """What no template could carry is found by whoever posts it, not by WeChat weeks later (47003)."""
        if self.needs_template:
            try:
                fit_value(kind_of(field), value, field)
            except FieldError as error:
                raise ValueError(f"{field} of {self.key} is {error.why} as a {kind_of(field)} (§5.3)") from None

    @property
    def needs_template(self) -> bool:
        """Whether a way of this notice needs an approved template."""
        return Channel.SUBSCRIBE in self.channels or Channel.TEMPLATE in self.channels

    def wording(self, data: Mapping[str, str]) -> str:
        """The text for a person; `data` has passed `check`."""
        return self.text.format(**data)

    def earliest(self, moment: datetime, not_after: datetime | None = None) -> datetime:
        """When the notice may go out at `moment` or later: in the quiet hours, in the morning.

        If the morning would be too late (`not_after`), it is sent in the night: unheard it would be worth nothing.
        """
        if self.urgent or QUIET_UNTIL <= moment.time() < QUIET_FROM:
            return moment
        day = moment.date() + timedelta(days=1) if moment.time() >= QUIET_FROM else moment.date()
        morning = datetime.combine(day, QUIET_UNTIL, moment.tzinfo)
        return moment if not_after is not None and not_after < morning else morning


_notices: dict[str, Notice] = {}


def register(*notices: Notice) -> None:
    """Enter notices of a catalogue file; a key can be entered once."""
    for entry in notices:
        if entry.key in _notices:
            raise ValueError(f"two notices are called {entry.key}")
        _notices[entry.key] = entry


def notice(key: str) -> Notice:
    """The notice of that key; raises `KeyError` for one that is in no catalogue."""
    return _notices[key]


def find_notice(key: str) -> Notice | None:
    """The notice of that key, or None: a row may be older than the catalogue."""
    return _notices.get(key)


def all_notices() -> tuple[Notice, ...]:
    """Every notice, by key."""
    return tuple(_notices[key] for key in sorted(_notices))
