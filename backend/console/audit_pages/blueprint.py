"""The blueprint on which the views of the audit trail hang."""

from backend.console.blueprint import console_blueprint

audit = console_blueprint("audit", "backend.console", "/console")
