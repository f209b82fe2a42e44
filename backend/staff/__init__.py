"""Accounts of the people who work here, what they may do and where, and the trail of what they did."""

from backend.staff.audit import record
from backend.staff.create import create_account
from backend.staff.leave import is_absent, responsible_for
from backend.staff.models import NodeKind, Role, StaffAccount
from backend.staff.nodes import district_id, make_node, register_hanging
from backend.staff.permissions import Grant, Grants, Permission, grants_of, holds, may, visible_nodes
from backend.staff.sessions import staff_by_token
from backend.staff.sign_in import sign_in, sign_out

__all__ = [
    "Grant",
    "Grants",
    "NodeKind",
    "Permission",
    "Role",
    "StaffAccount",
    "create_account",
    "district_id",
    "grants_of",
    "holds",
    "is_absent",
    "make_node",
    "may",
    "record",
    "register_hanging",
    "responsible_for",
    "sign_in",
    "sign_out",
    "staff_by_token",
    "visible_nodes",
]
