"""What RQ runs. Each entry may run twice, at once or one after the other; PostgreSQL keeps the work single."""

from __future__ import annotations

import time

from backend.console.exports.build import build_next
from backend.files.fetch import fetch_next
from backend.jobs.clients import clients
from backend.jobs.lookups import check_picture, check_words, unionid_by_app
from backend.jobs.media import fetch_media
from backend.jobs.queue import forget_wake, wake_delivery, wake_exports, wake_files, wake_lookups
from backend.marriage.blessings.check import check_next
from backend.marriage.covers.check import ask_about_next
from backend.people.entry.unionids import ask_next
from messages.delivery import deliver_due

BATCH = 20
RUN_SECONDS = 60  # well under the job's timeout, so that no call is cut off in the middle


def deliver_due_messages() -> None:
    """Deliver until nothing is due; after a minute, leave the rest to a new job."""
    forget_wake()
    end = time.monotonic() + RUN_SECONDS
    while deliver_due(clients(), limit=BATCH) > 0:
        if time.monotonic() > end:
            wake_delivery()
            return


def build_exports() -> None:
    """Make the files that are due; after a minute, leave the rest to a new job."""
    end = time.monotonic() + RUN_SECONDS
    while build_next():
        if time.monotonic() > end:
            wake_exports()
            return


def fetch_uploads() -> None:
    """Fetch the files that are owed; after a minute, leave the rest to a new job."""
    end = time.monotonic() + RUN_SECONDS
    while fetch_next(fetch_media):
        if time.monotonic() > end:
            wake_files()
            return


def ask_wechat() -> None:
    """Ask about the followers, words and pictures that are due; after a minute, leave the rest to a new job."""
    end = time.monotonic() + RUN_SECONDS
    while check_next(check_words) or ask_about_next(check_picture) or ask_next(unionid_by_app):
        if time.monotonic() > end:
            wake_lookups()
            return
