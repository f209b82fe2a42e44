"""Parameters as the pages of administrators show them: in groups, with labels, hints and the places they are set for.

Each room hands its groups to the console; a group that leaves a parameter without words cannot be made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.parameters.kinds import shape_of
from backend.parameters.values import Parameter


@dataclass(frozen=True)
class Words:
    """What a parameter is called, what it does, the unit of its number, and the names of its choices by code."""

    label: str
    hint: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters of one matter. `by_place`: places may have values of their own, each under the place's code.

    `two_persons`: a change waits for a second person's yes, because it decides how closely people are watched or how
    easily an account is taken over. Raises `ValueError` for a parameter without words or choices without names.
    """

    name: str
    title: str
    parameters: Sequence[Parameter]
    words: Mapping[str, Words]
    by_place: bool = False
    two_persons: bool = False

    def __post_init__(self) -> None:
        keys = {parameter.key for parameter in self.parameters}
        if keys != set(self.words):
            raise ValueError(
                f"{self.name}: {sorted(keys ^ set(self.words))} has a parameter without words or words alone"
            )
        for parameter in self.parameters:
            missing = set(shape_of(parameter).choices) - set(self.words[parameter.key].choices)
            if missing:
                raise ValueError(f"{parameter.key}: no names for {sorted(missing)}")
