"""The organisation tree: look, add, rename, move, close."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.staff_pages import texts
from backend.console.staff_pages.blueprint import choice_in, desk, id_in, needed, say_why
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission
from backend.staff.directory import tree
from backend.staff.models import NodeKind, OrganisationNode
from backend.staff.nodes import add_node, close_node, move_node, rename_node
from backend.staff.rules import may_lie_below
from backend.storage import transaction


@desk.get("/")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def places() -> str:
    """The tree below one's places."""
    return render_template("console/staff/places.html", rows=tree(current_nodes(Permission.MANAGE_STAFF)))


@desk.get("/places/<uuid:node_id>")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def place(node_id: uuid.UUID) -> str:
    """One place with what may be done to it; 404 outside one's places."""
    nodes = current_nodes(Permission.MANAGE_STAFF)
    node = _node(node_id)
    rows = tree(nodes)
    below = [kind for kind in NodeKind if may_lie_below(kind, node.kind)]
    parents = [row for row in rows if may_lie_below(node.kind, row.node.kind) and row.node.id != node.parent_id]
    return render_template("console/staff/place.html", node=node, below=below, parents=parents)


@desk.post("/places/<uuid:node_id>/add")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def place_add(node_id: uuid.UUID) -> AnyResponse:
    """Add a place below this one."""
    _node(node_id)

    def add() -> str:
        kind = needed(choice_in(request.form, "kind", NodeKind), "kind")
        made = add_node(kind, request.form.get("name", ""), node_id, by=current_account())
        return texts.NODE_ADDED.format(name=made.name)

    return _do(node_id, add, url_for("staff_desk.places"))


@desk.post("/places/<uuid:node_id>/rename")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def place_rename(node_id: uuid.UUID) -> AnyResponse:
    """Give it another name."""
    _node(node_id)

    def rename() -> str:
        node = rename_node(node_id, request.form.get("name", ""), by=current_account())
        return texts.NODE_RENAMED.format(name=node.name)

    return _do(node_id, rename)


@desk.post("/places/<uuid:node_id>/move")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def place_move(node_id: uuid.UUID) -> AnyResponse:
    """Hang it under another place."""
    _node(node_id)

    def move() -> str:
        parent_id = needed(id_in(request.form, "parent"), "parent")
        return texts.NODE_MOVED.format(name=move_node(node_id, parent_id, by=current_account()).name)

    return _do(node_id, move)


@desk.post("/places/<uuid:node_id>/close")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def place_close(node_id: uuid.UUID) -> AnyResponse:
    """Close it, when nothing active hangs on it."""
    _node(node_id)

    def close() -> str:
        return texts.NODE_CLOSED.format(name=close_node(node_id, by=current_account()).name)

    return _do(node_id, close, url_for("staff_desk.places"))


def _node(node_id: uuid.UUID) -> OrganisationNode:
    if node_id not in current_nodes(Permission.MANAGE_STAFF):
        abort(404)
    with transaction() as session:
        return session.scalars(sa.select(OrganisationNode).where(OrganisationNode.id == node_id)).one()


def _do(node_id: uuid.UUID, change: Callable[[], str], target: str | None = None) -> AnyResponse:
    """Make a change and tell of it; a refusal leads back to the place."""
    here = url_for("staff_desk.place", node_id=node_id)
    try:
        say(change())
    except AppError as refusal:
        say_why(refusal)
        return redirect(here, 303)
    return redirect(target or here, 303)
