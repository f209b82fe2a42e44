"""Which notice templates the products have at present: those of the file, and what API calls added or removed."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.config import Product
from sandbox.notices import Channel, NoticeField, NoticeTemplate, notice_templates
from sandbox.world import World

MOST_TEMPLATES = 25
FIRST_SHORT_ID = 10001


def known_templates(world: World) -> dict[str, NoticeTemplate]:
    """All templates by id."""
    with world.lock:
        removed = set(world.state.templates_removed)
        added = [_from_json(one) for one in world.state.templates_added]
    known = {key: template for key, template in notice_templates().items() if key not in removed}
    return known | {template.id: template for template in added}


def templates_of(world: World, product: Product, channel: Channel) -> list[NoticeTemplate]:
    """The templates that one product may use on one channel."""
    return [one for one in known_templates(world).values() if (one.product, one.channel) == (product, channel)]


def library(product: Product, channel: Channel) -> dict[str, NoticeTemplate]:
    """What can be added, by the number of the template library."""
    found = [one for one in notice_templates().values() if (one.product, one.channel) == (product, channel)]
    return {str(FIRST_SHORT_ID + number): template for number, template in enumerate(found)}


def add_template(world: World, base: NoticeTemplate, fields: list[NoticeField]) -> str:
    """Take a template of the library with some of its fields; its new id."""
    template_id = secrets.token_urlsafe(32)
    added: dict[str, Any] = {
        "id": template_id,
        "title": base.title,
        "product": base.product,
        "channel": base.channel,
        "long_term": base.long_term,
        "fields": [{"key": field.key, "label": field.label, "example": field.example} for field in fields],
    }
    with world.lock:
        world.state.templates_added.append(added)
        world.changed()
    return template_id


def remove_template(world: World, template_id: str) -> None:
    """Take a template away."""
    with world.lock:
        world.state.templates_added = [one for one in world.state.templates_added if one["id"] != template_id]
        if template_id in notice_templates() and template_id not in world.state.templates_removed:
            world.state.templates_removed.append(template_id)
        world.changed()


def _from_json(one: dict[str, Any]) -> NoticeTemplate:
    fields = tuple(NoticeField(**field) for field in one["fields"])
    return NoticeTemplate(**{**one, "fields": fields})
