"""The blueprint on which the calendar's pages hang; their templates are the marriage room's."""

from __future__ import annotations

import uuid

from flask import abort

from backend.console import console_blueprint, current_nodes
from backend.marriage.capacity.queries import office_of, offices_of
from backend.marriage.offices import OfficeView
from backend.staff import Permission

capacity = console_blueprint("marriage_capacity", "backend.marriage", "/console/marriage/capacity")


def own_office(office_id: uuid.UUID, permission: Permission = Permission.PLAN_CAPACITY) -> OfficeView:
    """A registry of one's places; 404 for any other."""
    found = office_of(current_nodes(permission), office_id)
    if found is None:
        abort(404)
    return found


def chosen_office(code: str | None) -> OfficeView:
    """The registry named by its code, or the first of one's places; 404 without any."""
    mine = offices_of(current_nodes(Permission.PLAN_CAPACITY))
    found = next((one for one in mine if code in (None, "", one.code)), None)
    if found is None:
        abort(404)
    return found
