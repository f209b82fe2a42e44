"""Every action that the code records has a Chinese name, so that the auditor reads words and not codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from backend.marriage.desk.actions import DeskAction
from backend.staff.audit.models import AuditEntry
from backend.staff.audit.rules import Outcome, Relation, Rule
from backend.staff.audit.texts import ACTIONS, FAULTS, FIELDS, OUTCOMES, RELATIONS, RULE_HINTS, RULES, SUBJECTS
from backend.staff.audit.verify import Fault
from tests.guards.source import PRODUCT, place, python_files, tree_of

RECORDERS = {"record", "record_look"}
SHAPE = re.compile(r"[a-z_]+(\.[a-z_-]+)+")


def imported(tree: ast.Module) -> set[str]:
    """The recorders that a module imports from the audit trail; rooms have a `record` of their own too."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("backend.staff")
        for alias in node.names
        if alias.name in RECORDERS
    }


def handing_on(tree: ast.Module, recorders: set[str]) -> set[str]:
    """Functions that hand their own parameter `action` on to a recorder, however deep."""
    known = set(recorders)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for _ in functions:
        for function in functions:
            names = {argument.arg for argument in function.args.args}
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call) and called(node) in known)
            if "action" in names and any(
                isinstance(arg, ast.Name) and arg.id == "action" for c in calls for arg in c.args
            ):
                known.add(function.name)
    return known


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def actions(tree: ast.Module, recorders: set[str]) -> Iterator[str]:
    """What a module records; of a text with parts filled in, each part stands as `*`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) not in recorders:
            continue
        for argument in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "action")]:
            if (
                isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
                and SHAPE.fullmatch(argument.value)
            ):
                yield argument.value
                break
            if isinstance(argument, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in argument.values)
                break


def recorded() -> dict[str, set[str]]:
    """Every action, with the files that record it."""
    found: dict[str, set[str]] = {}
    shared = set()
    for path in python_files(*PRODUCT):
        own = imported(tree_of(path))
        shared |= handing_on(tree_of(path), own) - RECORDERS if own else set()
    for path in python_files(*PRODUCT):
        tree = tree_of(path)
        own = imported(tree)
        names = handing_on(tree, own) if own else set()
        # Also what is handed on by a function of another module, such as `audit_list`.
        public = {name for name in shared if not name.startswith("_")}
        for action in actions(tree, names | public):
            found.setdefault(action, set()).add(place(path))
    return found


def test_every_recorded_action_has_a_name() -> None:
    found = recorded()
    assert len(found) > 25
    missing = {
        action: files
        for action, files in found.items()
        if not any(re.fullmatch(re.escape(action).replace(r"\*", ".+"), name) for name in ACTIONS)
    }
    assert missing == {}


def test_steps_of_the_desk_have_names() -> None:
    assert {f"marriage.desk.{action.value}" for action in DeskAction} <= ACTIONS.keys()


def test_no_name_is_left_over() -> None:
    patterns = [re.escape(action).replace(r"\*", ".+") for action in recorded()]
    assert [name for name in ACTIONS if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []


def test_names_tell_actions_apart_and_fit_their_columns() -> None:
    assert len(set(ACTIONS.values())) == len(ACTIONS)
    assert max(len(name) for name in ACTIONS) <= AuditEntry.__table__.c.action.type.length
    assert max(len(name) for name in SUBJECTS) <= AuditEntry.__table__.c.subject_kind.type.length
    assert all(FIELDS.values())


@pytest.mark.parametrize(
    ("members", "names"),
    [(Rule, RULES), (Rule, RULE_HINTS), (Outcome, OUTCOMES), (Relation, RELATIONS), (Fault, FAULTS)],
)
def test_every_code_has_a_name(members: type, names: dict[object, str]) -> None:
    assert names.keys() == set(members)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from backend.staff import record\nrecord('a.b', 'k')", {"a.b"}),
        ("from backend.staff.audit import record_look\nrecord_look('a.b-c', 'k', [])", {"a.b-c"}),
        ("from backend.staff import record\nrecord(f'a.{x}.b', 'k')", {"a.*.b"}),
        ("from backend.staff import record\ndef _r(action, row):\n    record(action, 'k')\n_r('a.b', 1)", {"a.b"}),
        ("from backend.staff import record\ndef f(x, action):\n    record(action, 'k')\nf(1, 'a.b')", {"a.b"}),
        ("from backend.marriage.history import record\nrecord('a.b', 'k')", set()),
    ],
)
def test_actions_are_found(source: str, expected: set[str]) -> None:
    tree = ast.parse(source)
    own = imported(tree)
    assert set(actions(tree, handing_on(tree, own) if own else set())) == expected
