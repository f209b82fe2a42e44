"""Conversations about persons: acting for somebody."""

from workflows.chat.flows.people.proxy import PROXY

__all__ = ["PROXY"]
