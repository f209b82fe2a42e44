"""Conversations about the business of a marriage registry."""

from workflows.chat.flows.marriage.book import BOOK
from workflows.chat.flows.marriage.matters import MATTERS, SAFE
from workflows.chat.flows.marriage.own import CANCEL, OWN, RESCHEDULE
from workflows.chat.flows.marriage.papers import PAPERS
from workflows.chat.flows.marriage.rush import RUSH
from workflows.chat.flows.marriage.waiting import WAIT

__all__ = ["BOOK", "CANCEL", "MATTERS", "OWN", "PAPERS", "RESCHEDULE", "RUSH", "SAFE", "WAIT"]
