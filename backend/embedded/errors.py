"""What can go wrong while starting our own servers. Texts are for the operator's terminal and hold no personal data."""

from __future__ import annotations


class EmbeddedServerError(Exception):
    """A server of our own could not be started or kept; the text says what to do."""


class EmbeddedServerMissing(EmbeddedServerError):
    """There is no program to start; the text says what to install or which address to set."""


class AlreadyRunning(EmbeddedServerError):
    """Another process already uses this data directory."""
