"""Conversations about marriage registration."""

from workflows.chat.flows.marriage.book import BOOK
from workflows.chat.flows.marriage.own import CANCEL, OWN, RESCHEDULE
from workflows.chat.flows.marriage.papers import PAPERS

__all__ = ["BOOK", "CANCEL", "OWN", "PAPERS", "RESCHEDULE"]
