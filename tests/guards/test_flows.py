"""Every conversation is well put together and can be found by the words people are told to say (contract.md "Chat")."""

from __future__ import annotations

import pytest

from workflows.chat.engine import Asked, Done, Flow, FlowError, Step, Turn
from workflows.chat.flows import DIRECTORY
from workflows.chat.router import Directory, MenuEntry
from workflows.chat.understanding import control_word

MOST_BUTTONS = 3  # top entries of the account's menu


def step(name: str, *leads_to: str) -> Step:
    def ask(_turn: Turn) -> Asked:
        return Done(name)

    return Step(name, ask, lambda _turn, _text: Done(name), leads_to)


def flow(*steps: Step, name: str = "test.flow", call_words: str = "test", title: str = "Test") -> Flow:
    return Flow(name, title, call_words, 1, steps, lambda text: 2 if text == "test" else 0)


def nameless(directory: Directory) -> list[str]:
    """Flows that people could not be told about, and names or labels used twice."""
    found = [entry.name for entry in directory.flows if not (entry.name and entry.title and entry.call_words)]
    names = [entry.name for entry in directory.flows]
    labels = [entry.label for entry in directory.entries]
    return found + [name for name in {*names, *labels} if (names + labels).count(name) > 1]


def not_called(directory: Directory) -> list[str]:
    """Flows that do not begin when somebody says their call words, or what the menu calls them.

    What stands in brackets behind a label explains it, and may name what other flows do.
    """
    said = [(entry.call_words, entry) for entry in directory.flows]
    said += [(entry.label.partition("（")[0], entry.flow) for entry in directory.entries]
    matches = [(words, wanted, directory.best_match(words)) for words, wanted in said]
    return [f"{wanted.name}: {words}" for words, wanted, match in matches if match is None or match[0] is not wanted]


def leading_nowhere(directory: Directory) -> list[str]:
    """Buttons of the account's menu that say what nothing answers."""
    return [
        key
        for key, words in directory.menu_keys.items()
        if control_word(words) is None and directory.best_match(words) is None
    ]


def test_every_flow_has_a_name_of_its_own():
    assert len(DIRECTORY.flows) >= 5
    assert nameless(DIRECTORY) == []


def test_every_flow_is_begun_by_its_own_words():
    assert not_called(DIRECTORY) == []


def test_call_words_are_not_words_of_control():
    assert [entry.name for entry in DIRECTORY.flows if control_word(entry.call_words) is not None] == []


def test_every_button_leads_somewhere():
    assert 1 <= len(DIRECTORY.menu_keys) <= MOST_BUTTONS
    assert leading_nowhere(DIRECTORY) == []


@pytest.mark.parametrize("wanted", DIRECTORY.flows, ids=lambda wanted: wanted.name)
def test_every_step_of_a_flow_can_be_reached(wanted: Flow):
    # `Flow` refuses to be made otherwise; making it anew shows that nothing was changed since.
    assert Flow(wanted.name, wanted.title, wanted.call_words, 1, wanted.steps, wanted.matches).by_name == wanted.by_name


def test_a_flow_wrongly_put_together_is_refused():
    with pytest.raises(FlowError, match="no step"):
        flow(step("a", "b"))
    with pytest.raises(FlowError, match="nobody can reach b"):
        flow(step("a"), step("b"))
    with pytest.raises(FlowError, match="one name"):
        flow(step("a", "a"), step("a"))


def test_a_directory_wrongly_put_together_is_found():
    good, bad = flow(step("a")), flow(step("a"), name="test.other", call_words="other", title="")
    directory = Directory("hello", (MenuEntry("test", good),), (bad, good), {"A": "test", "B": "nothing", "C": "取消"})
    assert sorted(nameless(directory)) == ["test.flow", "test.other"]
    assert not_called(directory) == ["test.other: other"]
    assert leading_nowhere(directory) == ["B"]
