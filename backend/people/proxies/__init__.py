"""Proxies (代办): one person acts for another in named services, as long as both want it (domain-rules §1.4, §5.3).

A room that lets helpers act offers its scope once (`offer_scope`), asks `acting_for` in each such command, and writes
down what was done (`record_act`), all in one transaction. Marriage is never possible by proxy (民法典 1049).
"""

from backend.people.proxies.authority import Authority, acting_for, record_act
from backend.people.proxies.rules import Facet, Scope, offer_scope

__all__ = ["Authority", "Facet", "Scope", "acting_for", "offer_scope", "record_act"]
