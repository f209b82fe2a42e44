"""Telling the audit trail who acts in a request, in which role and from where (domain-rules §6.3)."""

from __future__ import annotations

import secrets

from flask import current_app, request

from backend.console.guard import current_grants, signed_in
from backend.kernel.access import declared_access
from backend.staff.audit import acting, acting_ends

_ROLE_CHARACTERS = 80


def note_actor() -> None:
    """Before each request of the console: whatever it records is done by whoever is signed in."""
    if not request.path.startswith("/console") or request.endpoint in (None, "console.asset"):
        return
    account = signed_in()
    request_id = secrets.token_hex(8)
    if account is None:
        acting(None, None, request.remote_addr, request_id)
        return
    role, absent = None, None
    declared = declared_access(current_app.view_functions[request.endpoint or ""])
    given = current_grants().given
    if declared is not None and declared.permission is not None:
        given = [grant for grant in given if grant.gives(declared.permission)]
        # One's own power is used before that of an absent colleague.
        absent = min((grant.stand_in_for for grant in given), key=lambda colleague: colleague is not None, default=None)
        given = [grant for grant in given if grant.stand_in_for == absent]
    role = " ".join(sorted({grant.role.value for grant in given}))[:_ROLE_CHARACTERS] or None
    acting(account.id, role, request.remote_addr, request_id, stand_in_for=absent)


def forget_actor(_error: BaseException | None = None) -> None:
    """After each request: its thread serves others too."""
    acting_ends()
