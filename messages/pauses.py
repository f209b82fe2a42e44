"""What one run of delivery has learnt about WeChat being away or a quota being used up, so as not to ask again."""

from __future__ import annotations

from datetime import datetime

from backend.wechat.errors import OutcomeUnknown, QuotaExceeded, TokenRejected, Unreachable, WeChatError
from messages.models import Channel
from messages.outcomes import PAUSES
from messages.ways import Way


class Pauses:
    """Until when apps, or channels of apps, are left alone. Lives as long as one run."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, Channel | None], datetime] = {}

    def note(self, way: Way, error: WeChatError, moment: datetime) -> None:
        """Learn from a failed call. A quota stops a channel; no connection, or no token, stops the app."""
        if isinstance(error, QuotaExceeded):
            self._until[way.app_id, way.channel] = error.retry_at
        elif isinstance(error, Unreachable | TokenRejected) and not isinstance(error, OutcomeUnknown):
            self._until[way.app_id, None] = moment + PAUSES[0]

    def until(self, way: Way, moment: datetime) -> datetime | None:
        """When the way may be tried again, or None for at once."""
        known = (self._until.get((way.app_id, way.channel)), self._until.get((way.app_id, None)))
        return max((end for end in known if end is not None and end > moment), default=None)
