"""Structured logs: one JSON object a line, without personal data.

Log calls name events and ids; nobody puts a name or a number in. The filter is the second guard: whatever looks like
an identity number, a telephone number or an openid is struck out before a line is written.
"""

from __future__ import annotations

import logging
import re
import sys

from flask import has_request_context, request
from pythonjsonlogger.json import JsonFormatter

from backend.kernel.clock import now

# A line is JSON when it is looked at, so a word may follow the letter of an escaped line break.
_PERSONAL = re.compile(
    r"(?:(?<![0-9a-fA-F-])|(?<=\\[bf]))"
    r"(?:\d{15,17}[\dXx]|\d{15}|(?:\+?86[- ]?)?1[3-9]\d{9})(?![0-9a-fA-F-])"  # identity and telephone numbers
    r"|(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt]))o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"  # openids
)


def strike(text: str) -> str:
    """The text without what looks like personal data."""
    return _PERSONAL.sub("[...]", text)


class Formatter(JsonFormatter):
    """Adds time, level and the request's endpoint; strikes personal data from the finished line."""

    def add_fields(
        self, log_data: dict[str, object], record: logging.LogRecord, message_dict: dict[str, object]
    ) -> None:
        """Fill one log object."""
        super().add_fields(log_data, record, message_dict)
        log_data["time"] = now().isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        if has_request_context():
            # The endpoint and not the path: a path may hold ids.
            log_data["endpoint"] = request.endpoint

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return strike(super().format(record))


def configure_logging() -> None:
    """Send everything from INFO up to standard error as JSON; libraries only from WARNING up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(message)s", json_ensure_ascii=False))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("backend", "messages", "workflows"):
        logging.getLogger(ours).setLevel(logging.INFO)
