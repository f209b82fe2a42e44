"""Conversations about persons: acting for somebody, and who the writer is."""

from workflows.chat.flows.people.linking import COUNTER_CODE, LINK
from workflows.chat.flows.people.proxy import PROXY

__all__ = ["COUNTER_CODE", "LINK", "PROXY"]
