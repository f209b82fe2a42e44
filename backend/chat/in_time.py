"""A reply within four seconds, always: WeChat gives up after five (wechat-protocol §1.6, docs/adr/0007).

The work of a push runs in a thread of its own. When it takes too long, the push is put down as late in the database
(`late`), the person is told that it has arrived, and the work goes on; its answer leaves by customer-service message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from backend.chat.late import late_reply, put_down, settle
from backend.chat.metrics import PUSHES
from backend.wechat.inbound import Inbound
from messages import Product

log = logging.getLogger(__name__)

Handler = Callable[[Inbound], str | None]

# Together less than four seconds, with the fifth left for the way there and back.
WORK_SECONDS = 3.3
PUT_DOWN_SECONDS = 0.5
# Work that took longer looks whether another delivery of its push has been told to wait.
SLOW_SECONDS = 1.0

# As many as there are connections: more could only wait for one. Who waits here longer than the deadline is put down
# as late without having begun.
WORKERS = 16

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="push")
_putters = ThreadPoolExecutor(2, thread_name_prefix="late")


class NotInTime(Exception):
    """Neither answered nor put down as late: the database does not answer."""


@dataclass(frozen=True)
class Push:
    """A push under way. `unnoted` is set when its person was told nothing that stands in the database."""

    product: Product
    app_id: str
    message: Inbound
    began: float = field(default_factory=time.monotonic)
    unnoted: threading.Event = field(default_factory=threading.Event)

    def seconds(self) -> float:
        """How long it has been here."""
        return time.monotonic() - self.began


def answer_in_time(push: Push, handle: Handler) -> str | None:
    """The reply of `handle`, or that the answer comes later. Raises what `handle` raises in time, and `NotInTime`."""
    work = _workers.submit(_work, push, handle)
    if _is_done(work, WORK_SECONDS - push.seconds()):
        return work.result()
    work.cancel()  # what has not begun is left to the tick
    noting = _putters.submit(put_down, push.product, push.app_id, push.message)
    if not _is_done(noting, PUT_DOWN_SECONDS) or noting.exception() is not None:
        push.unnoted.set()
        raise NotInTime from (noting.exception() if noting.done() else None)
    answered = noting.result()
    if answered is not None:
        return answered.reply_xml
    PUSHES.labels("late").inc()
    log.warning("push_late", extra={"kind": type(push.message).__name__})
    return late_reply(push.product, push.message)


def _is_done(future: Future[Any], seconds: float) -> bool:
    return bool(wait([future], max(seconds, 0)).done)


def _work(push: Push, handle: Handler) -> str | None:
    reply = handle(push.message)
    if push.seconds() < SLOW_SECONDS:
        return reply
    try:
        if push.unnoted.is_set():
            put_down(push.product, push.app_id, push.message, although_answered=True)
        if settle(push.app_id, push.message.dedup_key):
            return late_reply(push.product, push.message)
    except Exception:
        # What was done is safe, and the tick tells the person of it.
        log.exception("late_not_settled")
    return reply
