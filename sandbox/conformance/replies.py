"""The rules for replies that need more than the reply itself: its push, its header, and what came before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from sandbox.conformance.calls import Finding
from sandbox.conformance.evidence import ReplySeen

# Events whose answer the resident sees; the others are between the two servers.
SEEN_EVENTS = frozenset(
    {"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album"}
    | {"pic_weixin", "location_select", "view", "view_miniprogram", "location", "user_enter_tempsession"}
)
XML_TYPES = ("application/xml", "text/xml")
REMEMBERED = 2000


class ReplyRules:
    """Checks replies one after another; remembers what each push was answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, str] = {}

    def check(self, seen: ReplySeen) -> list[Finding]:
        """All findings of one reply: (rule, problem or None where it was kept)."""
        with self._lock:
            return [*seen.verdicts.items(), *_manners(seen), *self._again(seen)]

    def _again(self, seen: ReplySeen) -> Iterator[Finding]:
        if seen.outcome != "replied" or seen.reply is None:
            return
        said = repr(sorted(seen.reply.items()))
        before = self._answers.setdefault(seen.key, said)
        while len(self._answers) > REMEMBERED:
            del self._answers[next(iter(self._answers))]
        yield "reply.same_again", None if before == said else "同一条推送第二次送来，答复变了"


def _manners(seen: ReplySeen) -> Iterator[Finding]:
    spoke = seen.outcome == "replied"
    if seen.event == "unsubscribe":
        yield "reply.unsubscribe", "答复了取消关注" if spoke else None
    elif seen.event is not None and seen.event.lower() not in SEEN_EVENTS:
        yield "reply.server_event", f"答复了 {seen.event}" if spoke else None
    if spoke and seen.product == "miniprogram":
        kind = (seen.reply or {}).get("type")
        yield "reply.miniprogram", None if kind == "transfer_customer_service" else f"回了 {kind}"
    if spoke and seen.product == "account":
        plain = seen.content_type.partition(";")[0].strip().lower()
        yield (
            "reply.content_type",
            None if plain in XML_TYPES else f"Content-Type 是 {plain}" if plain else "没有 Content-Type",
        )
