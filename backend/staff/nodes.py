"""Use cases on the organisation tree: `add_node`, `rename_node`, `move_node`, `close_node`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.audit import record
from backend.staff.models import Approval, ApprovalState, NodeKind, OrganisationNode, RoleAssignment, StaffAccount
from backend.staff.permissions import Permission, grants_of
from backend.staff.rules import may_lie_below
from backend.storage import atomic, session, transaction

_MOST_NAME = 80
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_SUBJECT = "organisation_node"

# What else hangs on a place: rooms say so in a sentence that names it, or None.
Hanging = Callable[[uuid.UUID], str | None]
_hangings: dict[str, Hanging] = {}


def register_hanging(name: str, hanging: Hanging) -> None:
    """Let a room say what of its own keeps a place open; it is asked inside the closing transaction."""
    _hangings[name] = hanging


def make_node(code: str, kind: NodeKind, name: str, parent: OrganisationNode | None) -> OrganisationNode:
    """A row for the tree, not yet added to a session; demonstrations and tests make whole trees of them."""
    parent_id, parent_kind = (parent.id, parent.kind) if parent else (None, None)
    return OrganisationNode(
        id=new_id(), code=code, kind=kind, name=name, parent_id=parent_id, parent_kind=parent_kind, closed_at=None
    )


def lock_tree() -> None:
    """Let one change of the tree, or of who administers it, happen after the other, until the transaction ends.

    Not FOR UPDATE: that would hold up every row that is just being tied to the district.
    """
    district = sa.select(OrganisationNode.id).where(OrganisationNode.kind == NodeKind.DISTRICT)
    session().execute(district.with_for_update(key_share=True))


def district_id() -> uuid.UUID | None:
    """The top of the tree; None before there is one."""
    with transaction() as opened:
        return opened.scalar(sa.select(OrganisationNode.id).where(OrganisationNode.kind == NodeKind.DISTRICT))


def add_node(
    kind: NodeKind, name: str, parent_id: uuid.UUID | None, *, code: str = "", by: StaffAccount | None
) -> OrganisationNode:
    """Add a place; `by` is None for the operator. A code is made up when none is given.

    Raises `AppError` invalid with what is wrong by field, not_found for a parent outside the account's places.
    """
    name, code = " ".join(name.split()), code.strip().lower()
    with atomic() as opened:
        lock_tree()
        parent = None if parent_id is None else require_node(parent_id, by)
        faults = _name_faults(name)
        if not may_lie_below(kind, parent.kind if parent else None):
            faults["kind"] = [texts.MISPLACED.format(kind=texts.NODE_KIND_NAMES[kind])]
        elif parent is None and district_id() is not None:
            faults["kind"] = [texts.ONE_DISTRICT]
        if parent is not None and parent.closed_at is not None:
            faults["parent"] = [texts.PARENT_CLOSED]
        if code and (not _CODE.fullmatch(code) or _code_taken(code)):
            faults["code"] = [texts.CODE_FORM]
        if faults:
            raise AppError("invalid", texts.NODE_NOT_CHANGED, 422, errors=faults)
        node = make_node(code or _free_code(kind), kind, name, parent)
        opened.add(node)
        opened.flush()
        _record("staff.node_added", node, by, kind=kind.value, parent=str(parent_id) if parent_id else None)
    return node


def rename_node(node_id: uuid.UUID, name: str, *, by: StaffAccount | None) -> OrganisationNode:
    """Give a place another name. Raises `AppError` invalid or not_found."""
    name = " ".join(name.split())
    with atomic() as opened:
        node = require_node(node_id, by)
        faults = _name_faults(name)
        if faults:
            raise AppError("invalid", texts.NODE_NOT_CHANGED, 422, errors=faults)
        node.name = name
        opened.flush()
        _record("staff.node_renamed", node, by)
    return node


def move_node(node_id: uuid.UUID, parent_id: uuid.UUID, *, by: StaffAccount | None) -> OrganisationNode:
    """Hang a place, with all below it, under another; what people may see moves along.

    Raises `AppError` not_found unless both are in the account's places, invalid where the kinds do not fit.
    """
    with atomic() as opened:
        lock_tree()
        node, parent = require_node(node_id, by), require_node(parent_id, by)
        faults: dict[str, list[str]] = {}
        if not may_lie_below(node.kind, parent.kind):
            faults["parent"] = [texts.MISPLACED.format(kind=texts.NODE_KIND_NAMES[node.kind])]
        elif parent.closed_at is not None:
            faults["parent"] = [texts.PARENT_CLOSED]
        if faults:
            raise AppError("invalid", texts.NODE_NOT_CHANGED, 422, errors=faults)
        before, node.parent_id, node.parent_kind = node.parent_id, parent.id, parent.kind
        opened.flush()
        _record("staff.node_moved", node, by, before=str(before), after=str(parent.id))
    return node


def close_node(node_id: uuid.UUID, *, by: StaffAccount | None) -> OrganisationNode:
    """Close a place on which nothing active hangs; what was done there stays findable.

    Raises `AppError` state_conflict with every hindrance in `errors["node"]`.
    """
    with atomic() as opened:
        lock_tree()
        node = require_node(node_id, by)
        # The rows that hang on a place hold its key; waiting for them here, none can come in unseen.
        locked = sa.select(OrganisationNode.id).where(OrganisationNode.id == node_id).with_for_update()
        opened.execute(locked)
        if node.closed_at is not None:
            raise AppError("state_conflict", texts.NODE_CLOSED, 409)
        hindrances = _hindrances(node)
        if hindrances:
            raise AppError("state_conflict", texts.NODE_IN_USE, 409, errors={"node": hindrances})
        node.closed_at = now()
        opened.flush()
        _record("staff.node_closed", node, by)
    return node


def require_node(node_id: uuid.UUID, by: StaffAccount | None) -> OrganisationNode:
    """A place that the account manages, any for the operator; raises `AppError` not_found."""
    node = session().get(OrganisationNode, node_id, populate_existing=True)
    if node is None or (by is not None and not grants_of(by).reach(Permission.MANAGE_STAFF, node_id)):
        raise AppError("not_found", texts.NODE_NOT_FOUND, 404)
    return node


def _hindrances(node: OrganisationNode) -> list[str]:
    if node.kind is NodeKind.DISTRICT:
        return [texts.DISTRICT_STAYS]
    count = sa.select(sa.func.count())
    below = count.where(OrganisationNode.parent_id == node.id, OrganisationNode.closed_at.is_(None))
    people = count.where(StaffAccount.home_id == node.id, StaffAccount.active)
    held = sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now())
    roles = count.where(RoleAssignment.node_id == node.id, held)
    asked = count.where(Approval.node_id == node.id, Approval.state == ApprovalState.PENDING)
    counted = ((below, texts.HANGS_NODES), (people, texts.HANGS_PEOPLE), (roles, texts.HANGS_ROLES))
    found = [
        sentence.format(count=number)
        for query, sentence in (*counted, (asked, texts.HANGS_APPROVALS))
        if (number := session().scalar(query))
    ]
    return found + [sentence for hanging in _hangings.values() if (sentence := hanging(node.id))]


def _name_faults(name: str) -> dict[str, list[str]]:
    if 0 < len(name) <= _MOST_NAME:
        return {}
    return {"name": [texts.NODE_NAME_MISSING.format(most=_MOST_NAME)]}


def _code_taken(code: str) -> bool:
    return session().scalar(sa.select(OrganisationNode.id).where(OrganisationNode.code == code)) is not None


def _free_code(kind: NodeKind) -> str:
    """`counter-7` for the seventh; the tree is locked, so nobody takes it meanwhile."""
    taken = set(session().scalars(sa.select(OrganisationNode.code).where(OrganisationNode.kind == kind)))
    number = len(taken) + 1
    while f"{kind.value}-{number}" in taken or _code_taken(f"{kind.value}-{number}"):
        number += 1
    return f"{kind.value}-{number}"


def _record(action: str, node: OrganisationNode, by: StaffAccount | None, **detail: object) -> None:
    record(action, _SUBJECT, node.id, account_id=by.id if by else None, code=node.code, **detail)
