"""The notice templates that the sandbox knows, read from templates.json: every notice in every variant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from sandbox.config import Product

Channel = Literal["template", "subscribe"]


@dataclass(frozen=True)
class NoticeField:
    """One row of a notice. The key's letters name its type (protocol §5.3)."""

    key: str
    label: str
    example: str


@dataclass(frozen=True)
class NoticeTemplate:
    """One template of one product. `long_term` is meaningful for subscribe templates only."""

    id: str
    title: str
    product: Product
    channel: Channel
    long_term: bool
    fields: tuple[NoticeField, ...]

    @property
    def content(self) -> str:
        """The pattern as the template lists show it."""
        return "\n".join(f"{field.label}:{{{{{field.key}.DATA}}}}" for field in self.fields)

    @property
    def example(self) -> str:
        """The filled pattern as the template lists show it."""
        return "\n".join(f"{field.label}:{field.example}" for field in self.fields)


@cache
def notice_templates() -> dict[str, NoticeTemplate]:
    """All templates by id."""
    known = json.loads(Path(__file__).with_name("templates.json").read_text("utf-8"))
    fields = {name: tuple(NoticeField(**field) for field in members) for name, members in known["field_sets"].items()}
    templates = [
        NoticeTemplate(
            id=variant["prefix"] + notice["name"],
            title=notice["title"],
            product=variant["product"],
            channel=variant["channel"],
            long_term=variant.get("long_term", False),
            fields=fields[notice["fields"]],
        )
        for variant in known["variants"]
        for notice in known["notices"]
    ]
    return {template.id: template for template in templates}
