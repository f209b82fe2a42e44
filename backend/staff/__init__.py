"""Accounts of the people who work here, what they may do and where, and the trail of what they did."""

from backend.staff.audit import record
from backend.staff.create import create_account
from backend.staff.models import Role, StaffAccount
from backend.staff.permissions import Permission, holds, may, visible_nodes
from backend.staff.sessions import staff_by_token
from backend.staff.sign_in import sign_in, sign_out

__all__ = [
    "Permission",
    "Role",
    "StaffAccount",
    "create_account",
    "holds",
    "may",
    "record",
    "sign_in",
    "sign_out",
    "staff_by_token",
    "visible_nodes",
]
