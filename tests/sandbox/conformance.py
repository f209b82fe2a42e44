"""For tests of the product that ran against the sandbox: nothing it answered or called may have broken a rule.

    from tests.sandbox.conformance import assert_conforms
    assert_conforms(world.sandbox)

`http` is an httpx client whose base address is the sandbox, or a Flask test client of it. Begin a new report with
`fresh_report(http)` where a story before broke rules on purpose.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

PATH = "/sandbox/conformance"


def report(http: Any) -> dict[str, Any]:
    """The whole report as JSON."""
    answer = http.get(PATH)
    assert answer.status_code == 200, answer.status_code
    found: dict[str, Any] = answer.json() if callable(answer.json) else answer.json
    return found


def fresh_report(http: Any) -> None:
    """Forget what was found so far."""
    assert http.delete(PATH).status_code == 200


def broken_rules(http: Any) -> dict[str, list[str]]:
    """Broken rules of both levels by id, each with what happened."""
    return {
        rule["id"]: [f"{example['at']} {example['what']}：{example['problem']}" for example in rule["examples"]]
        for rule in report(http)["rules"]
        if rule["broken"]
    }


def assert_conforms(http: Any, *, advice: bool = False, but: Collection[str] = (), needs: Collection[str] = ()) -> None:
    """Fail with a readable list if a must-rule was broken; with `advice` the should-rules count as well.

    `but` names rules that the story breaks on purpose; `needs` rules that must have been looked at, so that a story
    in which nothing happened does not pass.
    """
    found = report(http)
    assert found["checked"], "the sandbox has seen neither a reply nor a call"
    wrong = set(found["broken"]) | (set(found["advice"]) if advice else set())
    lines = [
        f"{rule['id']} {rule['section']} {rule['sentence']}\n"
        + "\n".join(f"    {one['at']} {one['what']}：{one['problem']}" for one in rule["examples"])
        for rule in found["rules"]
        if rule["id"] in wrong - set(but)
    ]
    assert not lines, "WeChat's rules were broken:\n" + "\n".join(lines)
    unseen = set(needs) - {rule["id"] for rule in found["rules"] if rule["checked"]}
    assert not unseen, f"never looked at: {sorted(unseen)}"
