"""Deliberate trouble: answers that fail, come late or come cut; pushes that are lost, late or doubled."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

PushEffect = Literal["duplicate", "drop", "delay"]
LONGEST_DELAY_SECONDS = 60.0


@dataclass
class Fault:
    """Applies to the next `times` uses of `endpoint`, after letting `skip` of them pass.

    `endpoint` is a path, `*` for every path, `push` for every delivery, or `push:` and a MsgType or Event.
    With `after_effect` the deed is done and only its answer is lost, which is the case that tests idempotency.
    """

    id: int
    endpoint: str
    times: int = 1
    skip: int = 0
    errcode: int | None = None
    errmsg: str | None = None
    status: int | None = None
    delay_seconds: float = 0.0
    truncate: bool = False
    after_effect: bool = False
    effect: PushEffect | None = None

    @property
    def refuses(self) -> bool:
        """True where the answer is replaced, not only late or cut."""
        return self.errcode is not None or self.status is not None


class Faults:
    """The list of faults waiting to happen, in the order they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._last_id = 0

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Queue a fault. Raises ValueError with a sentence for the person who asked."""
        fault = self._made(wanted)
        with self._lock:
            self._enqueue(fault)
        return fault

    def add_script(self, steps: list[Any]) -> list[Fault]:
        """Queue a script: each step is {"endpoint", "call": n, "fault": {…}}, for the n-th use from now on.

        All or nothing. Raises ValueError naming the step.
        """
        made = []
        for number, step in enumerate(steps, start=1):
            try:
                made.append(self._made(_step(step)))
            except ValueError as error:
                raise ValueError(f"第 {number} 步：{error}") from None
        with self._lock:
            for fault in made:
                self._enqueue(fault)
        return made

    def _enqueue(self, fault: Fault) -> None:
        self._last_id += 1
        fault.id = self._last_id
        self._faults.append(fault)

    @staticmethod
    def _made(wanted: dict[str, Any]) -> Fault:
        endpoint, times = str(wanted.get("endpoint", "")).strip(), wanted.get("times", 1)
        unknown = sorted(set(wanted) - set(Fault.__dataclass_fields__) | (set(wanted) & {"id"}))
        if unknown:
            raise ValueError(f"不认识的参数：{'、'.join(unknown)}")
        if not (endpoint in ("*", "push") or endpoint.startswith(("/", "push:"))):
            raise ValueError("endpoint 请填接口路径、*、push 或 push:事件名")
        if not _whole(times, 1):
            raise ValueError("times 请填 1 到 1000 的整数")
        details = {key: value for key, value in wanted.items() if key not in ("endpoint", "times")}
        _check(endpoint, details)
        return Fault(id=0, endpoint=endpoint, times=times, **details)

    def take(self, endpoint: str) -> Fault | None:
        """Use up one occurrence of the first fault that fits; every other one that waits for a later call counts down.

        `*` fits every API path but no push; `push` fits every push, whose own name is `push:TEXT` and the like.
        """
        taken = None
        with self._lock:
            for fault in [one for one in self._faults if _fits(one.endpoint, endpoint)]:
                if fault.skip:
                    fault.skip -= 1
                elif taken is None:
                    taken = fault
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
        return taken

    def items(self) -> list[dict[str, Any]]:
        """What is still waiting to happen."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def remove(self, fault_id: int | None) -> int:
        """Drop one fault, or all when None; how many were dropped."""
        with self._lock:
            kept = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]
            dropped = len(self._faults) - len(kept)
            self._faults = kept
        return dropped


def _fits(wanted: str, endpoint: str) -> bool:
    if endpoint.startswith("push:"):
        return wanted == "push" or wanted.lower() == endpoint.lower()
    return wanted in ("*", endpoint)


def _step(step: Any) -> dict[str, Any]:
    fault = step.get("fault") if isinstance(step, dict) else None
    if not isinstance(fault, dict) or not _whole(step.get("call", 1), 1):
        raise ValueError("请写成 {endpoint, call: 第几次, fault: {…}}")
    return {**fault, "endpoint": step.get("endpoint", ""), "skip": step.get("call", 1) - 1}


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 1000


def _check(endpoint: str, details: dict[str, Any]) -> None:
    delay = details.get("delay_seconds", 0)
    if not isinstance(delay, int | float) or isinstance(delay, bool) or not 0 <= delay <= LONGEST_DELAY_SECONDS:
        raise ValueError("delay_seconds 请填 0 到 60 的数字")
    for name in ("errcode", "status"):
        value = details.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise ValueError(f"{name} 请填整数")
    if not _whole(details.get("skip", 0), 0):
        raise ValueError("skip 请填 0 到 1000 的整数")
    if not 200 <= (details.get("status") or 200) <= 599:
        raise ValueError("status 请填 200 到 599 的 HTTP 状态码")
    if endpoint.startswith("push"):
        if details.get("effect") not in get_args(PushEffect):
            raise ValueError("推送故障请选 duplicate、drop 或 delay")
    elif not (details.keys() & {"errcode", "status", "truncate"} or delay):
        raise ValueError("请至少选一种故障：errcode、status、delay_seconds 或 truncate")
