"""`/healthz`, `/readyz`, `/metrics` (contract.md "HTTP"). The proxy keeps them inside; see docs/operations.md."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from backend.channel.figures import ChannelCollector
from backend.jobs.figures import delivery_figures
from backend.jobs.tick import tick_age
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.metrics_directory import metrics_directory
from backend.staff.audit.figures import AuditCollector
from backend.storage import transaction
from backend.storage.index_keys import index_fault

log = logging.getLogger(__name__)

MIGRATION_HEAD = Path(__file__).parent.parent / "migrations" / ".current-alembic-head"
TICK_MAY_BE_SILENT_FOR = timedelta(seconds=60)


def create_blueprint() -> Blueprint:
    """The operator's addresses."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/healthz")
    @access(Caller.OPERATOR)
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    @access(Caller.OPERATOR)
    def readyz() -> tuple[Response, int]:
        findings = dict(check_readiness())
        ready = all(finding == "ok" for finding in findings.values())
        return jsonify(status="ready" if ready else "not ready", checks=findings), 200 if ready else 503

    @blueprint.get("/metrics")
    @access(Caller.OPERATOR)
    def metrics() -> Response:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=metrics_directory())  # type: ignore[no-untyped-call]
        registry.register(DeliveryCollector())
        registry.register(AuditCollector())
        clients = [current_app.extensions[name] for name in ("wechat_account", "wechat_miniprogram")]
        registry.register(ChannelCollector(clients))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def check_readiness() -> Iterator[tuple[str, str]]:
    """Name and finding of each thing this process needs; "ok" or what is wrong."""
    try:
        with transaction() as session:
            version = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
            yield "database", "ok"
            head = MIGRATION_HEAD.read_text().strip()
            yield "migrations", "ok" if version == head else f"at {version}, should be {head}"
            fault = index_fault()
            yield "index_key", "ok" if fault is None else f"{fault.value}; `flask --app wsgi doctor` says what to do"
            age = tick_age(now())
            fresh = age is not None and age < TICK_MAY_BE_SILENT_FOR
            yield "tick", "ok" if fresh else "no beat; is `flask --app wsgi tick` running?"
    except sa.exc.SQLAlchemyError as error:
        log.warning("readiness_database", extra={"kind": type(error).__name__})
        yield "database", "not reachable or not migrated"
    try:
        current_app.extensions["redis"].ping()
        yield "redis", "ok"
    except RedisError:
        # Nothing is lost without Redis (architecture.md), but an operator must know.
        yield "redis", "not reachable"


class DeliveryCollector:
    """Figures of the outbox and the reminders, read when asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a figure."""
        figures = delivery_figures(now())
        messages = GaugeMetricFamily("nuanmin_outbox_messages", "Messages by unfinished state", labels=["state"])
        for state, count in figures.messages.items():
            messages.add_metric([state.value], count)
        yield messages
        age = figures.oldest_due.total_seconds()
        yield GaugeMetricFamily("nuanmin_outbox_oldest_due_seconds", "How long the first due message waits", value=age)
        yield GaugeMetricFamily("nuanmin_reminders_waiting", "Reminders not yet due", value=figures.reminders_waiting)
