"""Figures of the trail for operations (`/metrics`), read from the bookmark."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily

from backend.kernel.clock import now
from backend.staff.audit.acknowledged import acknowledged
from backend.staff.audit.bookmark import chain_state


class AuditCollector:
    """How long the chain is, whether it is whole, how old that knowledge is."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a figure; the age is absent until the tick has verified for the first time."""
        state = chain_state()
        yield GaugeMetricFamily("nuanmin_audit_links", "Entries in the audit chain", value=state.head.position)
        broken = float(state.broken is not None)
        yield GaugeMetricFamily("nuanmin_audit_chain_broken", "1 when the audit chain is broken", value=broken)
        known = len(acknowledged())
        yield GaugeMetricFamily("nuanmin_audit_breaks_acknowledged", "Breaks an auditor acknowledged", value=known)
        if state.verified_at is not None:
            age = (now() - state.verified_at).total_seconds()
            yield GaugeMetricFamily("nuanmin_audit_verified_seconds", "Since the chain was last verified", value=age)
