"""Looks at persons, wherever their pages are."""

from __future__ import annotations

from backend.console.audit_pages.reasons import require_reason
from backend.console.guard import current_account
from backend.people import PersonView
from backend.people.notices import SUBJECT_KIND
from backend.staff.audit import record_look, watch_index


def note_look(action: str, person: PersonView, href: str, *fields: str) -> None:
    """Leave an audit row of a look at a person; one's own record and a relative's open only after a reason.

    `href` is where one goes on after stating it, `fields` are the names of what is shown whole.
    """
    indexes = [] if person.id_number is None else [watch_index(person.id_number)]
    require_reason(SUBJECT_KIND, person.id, indexes, href)
    account_id = current_account().id
    record_look(action, SUBJECT_KIND, [person.id], number_indexes=indexes, account_id=account_id, fields=fields)
