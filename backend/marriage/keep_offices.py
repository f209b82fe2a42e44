"""Use cases on registries as residents see them: `add_office`, `change_office` (what is versioned are parameters)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage import texts
from backend.marriage.models import Office
from backend.marriage.offers import forget_offices
from backend.staff import NodeKind, record
from backend.staff.models import OrganisationNode
from backend.storage import after_commit, atomic, session, transaction

Nodes = frozenset[uuid.UUID]

SUBJECT = "marriage_office"
_MOST_POSITION = 99


@dataclass(frozen=True)
class OfficeFacts:
    """What residents read of a registry; `position` orders them, the smallest first."""

    name: str
    address: str
    phone: str
    position: int


def offices_of(nodes: Nodes) -> Sequence[Office]:
    """The registries of the nodes, in the order residents see them."""
    query = sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position, Office.code).limit(200)
    with transaction() as opened:
        return opened.scalars(query).all()


def office_of(nodes: Nodes, office_id: uuid.UUID) -> Office | None:
    """One registry of the nodes, or None."""
    with transaction() as opened:
        return opened.scalars(sa.select(Office).where(Office.id == office_id, Office.node_id.in_(nodes))).one_or_none()


def nodes_without_office(nodes: Nodes) -> Sequence[OrganisationNode]:
    """Registries of the staff's tree of which residents see nothing yet."""
    node = OrganisationNode
    query = sa.select(node).where(
        node.kind == NodeKind.REGISTRY,
        node.closed_at.is_(None),
        node.id.in_(nodes),
        ~sa.exists().where(Office.node_id == node.id),
    )
    with transaction() as opened:
        return opened.scalars(query.order_by(node.name, node.code).limit(200)).all()


def change_office(office_id: uuid.UUID, facts: OfficeFacts, nodes: Nodes) -> bool:
    """Change what residents read; returns whether anything is new.

    Raises `AppError` invalid with what is wrong by field, not_found outside the nodes.
    """
    facts = _checked(facts)
    with atomic():
        found = (
            session()
            .scalars(sa.select(Office).where(Office.id == office_id, Office.node_id.in_(nodes)).with_for_update())
            .one_or_none()
        )
        if found is None:
            raise AppError("not_found", texts.OFFICE_NODE_FORM, 404)
        before = {name: getattr(found, name) for name in _NAMES if getattr(found, name) != getattr(facts, name)}
        if not before:
            return False
        for name in before:
            setattr(found, name, getattr(facts, name))
        session().flush()
        record("marriage.office_changed", SUBJECT, office_id, fields=sorted(before), before=before)
        after_commit(forget_offices)
    return True


def add_office(node_id: uuid.UUID, facts: OfficeFacts, nodes: Nodes) -> Office:
    """Show residents a registry; its slots open as the rules lay them out.

    Raises `AppError` invalid with what is wrong by field, also for a place that is none or has an office already.
    """
    facts = _checked(facts)
    with atomic():
        place = next((node for node in nodes_without_office(nodes) if node.id == node_id), None)
        if place is None:
            raise AppError("invalid", texts.OFFICE_REFUSED, 422, errors={"node": [texts.OFFICE_NODE_FORM]})
        office = Office(
            id=new_id(),
            code=place.code,
            node_id=place.id,
            name=facts.name,
            address=facts.address,
            phone=facts.phone,
            position=facts.position,
        )
        session().add(office)
        session().flush()
        record("marriage.office_added", SUBJECT, office.id, node=str(node_id))
        after_commit(forget_offices)
    return office


_NAMES = tuple(field.name for field in fields(OfficeFacts))
_MOST = {"name": 80, "address": 160, "phone": 40}


def _checked(facts: OfficeFacts) -> OfficeFacts:
    clean = {name: " ".join(getattr(facts, name).split()) for name in _MOST}
    errors: dict[str, list[str]] = {}
    for name, most in _MOST.items():
        if not 0 < len(clean[name]) <= most:
            errors[name] = [texts.OFFICE_FIELD_FORM.format(most=most)]
    if "phone" not in errors and sum(sign.isdigit() for sign in clean["phone"]) < 5:
        errors["phone"] = [texts.OFFICE_PHONE_FORM.format(most=_MOST["phone"])]
    if not 0 <= facts.position <= _MOST_POSITION:
        errors["position"] = [texts.OFFICE_POSITION_FORM]
    if errors:
        raise AppError("invalid", texts.OFFICE_REFUSED, 422, errors=errors)
    return OfficeFacts(**clean, position=facts.position)
