"""Sends what the OpenAPI document allows, and what it does not, and compares the answers with the document.

The engine of schemathesis is asked directly: it runs all its phases in the process, and says everything it finds
instead of the first thing only.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.engine import StopReason, events, from_schema

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]

SEED = 3
MOST_SECONDS = 120
EXAMPLES_IN_ALL = 400  # shared by the operations, so that more operations do not take longer

# What is not asked of the API.
OFF = (
    # Much that has the right shape is refused in plain words: a date long past, a code that is wrong.
    "positive_data_acceptance",
    # Cannot repeat a request without its login over WSGI; the run without a login asks the same of every operation.
    "ignored_auth",
)


@dataclass
class Run:
    """What a run found, how often each operation (`GET /path`) gave which status, and why it ended."""

    findings: dict[str, str] = field(default_factory=dict)
    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    stopped: StopReason | None = None

    def told(self) -> str:
        """The findings as a text for whoever has to mend them."""
        return "\n\n".join(f"{finding}\n{how}" for finding, how in self.findings.items())


def fuzz(wsgi: Wsgi, document: str, headers: Mapping[str, str] | None = None) -> Run:
    """Run every phase against the application whose document is at that path; the same again each time.

    Ends after `MOST_SECONDS` with `stopped` being None: the engine's own limit would be filled up with more examples.
    """
    operations = schemathesis.openapi.from_wsgi(document, wsgi).statistic.operations.total
    config = _config(min(20, max(3, EXAMPLES_IN_ALL // operations)), headers or {})
    run, end = Run(), time.monotonic() + MOST_SECONDS
    for event in from_schema(schemathesis.openapi.from_wsgi(document, wsgi, config=config)).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(run, event.recorder)
        elif isinstance(event, events.NonFatalError):
            run.findings[f"{event.label}: {type(event.value).__name__}"] = str(event.value)
        elif isinstance(event, events.FatalError):
            run.findings[type(event.exception).__name__] = str(event.exception)
        elif isinstance(event, events.EngineFinished):
            run.stopped = event.stop_reason
        if time.monotonic() > end:
            break
    return run


def _config(examples: int, headers: Mapping[str, str]) -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "headers": dict(headers),
            "generation": {"max-examples": examples, "deterministic": True},
            "phases": {"stateful": {"generation": {"max-examples": 5}, "max-steps": 5}},
            "checks": {name: {"enabled": False} for name in OFF},
        }
    )


def _note(run: Run, recorder: Any) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            run.statuses[recorder.cases[case_id].value.operation.label][interaction.response.status_code] += 1
    for finding, how in _failures(recorder):
        run.findings.setdefault(finding, how)


def _failures(recorder: Any) -> Iterator[tuple[str, str]]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            case, answer = recorder.cases[case_id].value, recorder.interactions[case_id].response
            failure = check.failure_info.failure
            shown = answer.content[:500].decode(errors="replace") if answer is not None else ""
            how = f"{failure.message}\n{case.as_curl_command()}\n{answer and answer.status_code} {shown}"
            yield f"{case.operation.label}: {failure.title} ({check.name})", how
