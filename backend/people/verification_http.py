"""The verification service over HTTP and JSON.

One POST to the address that is set, `{"name", "id_type", "id_number"}`, with the key as bearer token; 200 with
`{"result": "matched" | "mismatched"}` is an answer, anything else is none. A bureau whose provider speaks otherwise
puts a small gateway in between.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import httpx

from backend.kernel.identity import IdType
from backend.people.verification_service import Answer

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
# After so many failures in a row nobody is made to wait for the next ones; after the pause, one caller tries again.
FAILURES_IN_A_ROW = 3
PAUSE_SECONDS = 20.0

_ANSWERS = {"matched": Answer.MATCHED, "mismatched": Answer.MISMATCHED}


class HttpVerificationService:
    """Asks once and never again by itself: a person who waits can press the button, a storm of retries helps nobody."""

    def __init__(self, url: str, key: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0
        self._client: tuple[int, httpx.Client] | None = None

    def check(self, name: str, id_type: IdType, number: str) -> Answer:
        """Ask the service; UNAVAILABLE at once while it is known to be away."""
        if not self._may_ask():
            return Answer.UNAVAILABLE
        answer = self._ask({"name": name, "id_type": id_type.value, "id_number": number})
        self._note(answer)
        return answer

    def _may_ask(self) -> bool:
        with self._lock:
            if self._failures < FAILURES_IN_A_ROW:
                return True
            if self._clock() < self._closed_until:
                return False
            # This caller tries; the others stay away until it is known how that went.
            self._closed_until = self._clock() + PAUSE_SECONDS
            return True

    def _note(self, answer: Answer) -> None:
        with self._lock:
            if answer is not Answer.UNAVAILABLE:
                self._failures = 0
                return
            self._failures += 1
            self._closed_until = self._clock() + PAUSE_SECONDS

    def _ask(self, body: dict[str, str]) -> Answer:
        # Neither body nor answer is ever logged, and errors of httpx are not chained: they hold the request.
        try:
            response = self._http().post(self._url, json=body, headers={"Authorization": f"Bearer {self._key}"})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("verification_service_away", extra={"kind": type(error).__name__})
            return Answer.UNAVAILABLE
        answer = _read(response)
        if answer is Answer.UNAVAILABLE:
            log.warning("verification_service_unusable", extra={"status": response.status_code})
        return answer

    def _http(self) -> httpx.Client:
        """One pooled client for each process: connections cannot be shared with a parent."""
        with self._lock:
            if self._client is None or self._client[0] != os.getpid():
                timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
                self._client = (os.getpid(), httpx.Client(timeout=timeout, follow_redirects=False))
            return self._client[1]


def _read(response: httpx.Response) -> Answer:
    if response.status_code != httpx.codes.OK:
        return Answer.UNAVAILABLE
    try:
        said = response.json()
    except ValueError:
        return Answer.UNAVAILABLE
    result = said.get("result") if isinstance(said, dict) else None
    return _ANSWERS.get(result, Answer.UNAVAILABLE) if isinstance(result, str) else Answer.UNAVAILABLE
