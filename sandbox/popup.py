"""The popup that asks for permission to notify, in the mini-program and on web pages (wechat-protocol.md §5.2-5.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox import residents
from sandbox.config import Product
from sandbox.notices import NoticeTemplate
from sandbox.push import Push
from sandbox.state import Resident
from sandbox.template_store import known_templates
from sandbox.world import World


def answers(world: World, resident: Resident, wanted: Mapping[NoticeTemplate, str]) -> dict[str, str]:
    """What comes of the resident's answers by template id: a kept choice (总是保持) goes before the answer."""
    return {template.id: _answer(world, resident, template, status) for template, status in wanted.items()}


def popup_pushes(world: World, resident: Resident, product: Product, results: Mapping[str, str]) -> Iterator[Push]:
    """Account for the answers and give the push of each kind. Raises `NotAllowed` where the main switch is off."""
    known = known_templates(world)
    for choice in dict.fromkeys(results.values()):
        if choice == "ban":
            continue  # WeChat does not ask for a banned template, and pushes nothing
        chosen = [known[template_id] for template_id, answer in results.items() if answer == choice]
        yield residents.subscription(world, resident, product, chosen, choice)


def _answer(world: World, resident: Resident, template: NoticeTemplate, status: str) -> str:
    if status == "withdraw":
        return status
    if template.id in world.state.templates_banned:
        return "ban"
    return resident.kept_choices.get(template.id, status)
