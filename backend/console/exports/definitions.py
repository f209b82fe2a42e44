"""What rooms offer for taking away: columns, who may, and how the rows are read page by page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

Nodes = frozenset[uuid.UUID]
Arguments = Mapping[str, str]


@dataclass(frozen=True)
class ExportColumn:
    """One column, `width` letters wide. `personal`: names, numbers, telephones and the like.

    `field` is what the audit trail calls it (`backend.staff.audit.texts.FIELDS`); without one it is not told there.
    """

    name: str
    title: str
    personal: bool = False
    width: int = 16
    field: str | None = None


@dataclass(frozen=True)
class ExportPage:
    """Rows by column name, the ids of the records they show (for the audit trail), and where to go on, if anywhere."""

    rows: Sequence[Mapping[str, str]]
    subjects: Sequence[uuid.UUID]
    next: str | None


@dataclass(frozen=True)
class ExportDefinition:
    """A list that may be taken away by whoever holds `permission`, over their places.

    `read_arguments` makes of a query string what is kept with the export: codes and dates, never personal data; it
    raises `AppError` invalid. `describe` says it in words. `count` counts the rows, at most up to the limit given.
    `page` reads up to so many rows after a position (None: from the start), opening only the columns asked for, sorted
    by a key, so that rows added meanwhile neither shift nor repeat.
    """

    name: str
    title: str
    permission: str
    subject_kind: str
    columns: Sequence[ExportColumn]
    read_arguments: Callable[[Arguments], dict[str, str]]
    describe: Callable[[Arguments], str]
    count: Callable[[Nodes, Arguments, int], int]
    page: Callable[[Nodes, Arguments, Collection[str], str | None, int], ExportPage]

    def personal(self, names: Collection[str]) -> list[ExportColumn]:
        """Those of the named columns that hold personal data."""
        return [column for column in self.columns if column.personal and column.name in names]

    def chosen(self, names: Collection[str]) -> list[ExportColumn]:
        """The named columns in their order."""
        return [column for column in self.columns if column.name in names]


_definitions: dict[str, ExportDefinition] = {}


def register_export(definition: ExportDefinition) -> None:
    """Make a list known to this process, worker or web. Raises `ValueError` for a name that is taken."""
    if _definitions.get(definition.name, definition) != definition:
        raise ValueError(f"two rooms register the export {definition.name}")
    _definitions[definition.name] = definition


def export_definition(name: str) -> ExportDefinition | None:
    """A list by its name, or None."""
    return _definitions.get(name)
