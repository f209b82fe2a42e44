"""One's own data in memory: the rights port as conversations see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from workflows.chat.ports import AskedRequest, ClosedAccount, HeldData, OptionalUse, Refused

DUE = date(2026, 12, 14)


@dataclass
class OwnData:
    """Somebody about whom a little is held; `refusal` is what the next command is answered with."""

    rooms: list[HeldData] = field(default_factory=lambda: [HeldData("账号", 3), HeldData("结婚登记", 1)])
    given: bool = True
    asked: list[AskedRequest] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    kept: tuple[str, ...] = ()
    closed: bool = False
    refusal: Refused | None = None

    def rules_url(self) -> str:
        return "https://nuanmin.example.cn/h5/privacy"

    def held(self) -> Sequence[HeldData]:
        return self.rooms

    def uses(self) -> Sequence[OptionalUse]:
        return [OptionalUse("reminders", "办事提醒", "用微信提醒您。", self.given)]

    def choose(self, key: str, given: bool) -> None:
        assert key == "reminders"
        self.given = given

    def requests(self) -> Sequence[AskedRequest]:
        return self.asked[::-1]

    def ask_correction(self, words: str) -> AskedRequest | Refused:
        self.words.append(words)
        return self._take("更正信息", "已收到", waiting=True)

    def make_copy(self) -> AskedRequest | Refused:
        return self._take("要一份自己的信息", "已办好", waiting=False)

    def under_way(self) -> Sequence[str]:
        return self.unfinished

    def close_account(self) -> ClosedAccount | Refused:
        if self.refusal:
            return self.refusal
        self.closed = True
        return ClosedAccount("GX736879", self.kept)

    def _take(self, title: str, state_name: str, *, waiting: bool) -> AskedRequest | Refused:
        if self.refusal:
            return self.refusal
        request = AskedRequest(f"GX00000{len(self.asked) + 1}", title, state_name, DUE, waiting)
        self.asked.append(request)
        return request
