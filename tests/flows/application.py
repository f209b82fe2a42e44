"""Somebody with an application for divorce, as the conversation about it sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from workflows.chat.ports import OwnApplication, Refused


def own_application(state: str = "cooling", state_name: str = "冷静期", **more: bool) -> OwnApplication:
    """The application of 1 September 2026 (domain-rules §2.6)."""
    flags = {"open": True, "provisional": False, "booked": False, "at_risk": False} | more
    return OwnApplication(
        receipt="2026-0901",
        state=state,
        state_name=state_name,
        withdraw_until=date(2026, 10, 8),
        first=date(2026, 10, 9),
        last=date(2026, 11, 9),
        office_name="新城区婚姻登记处",
        office_phone="029-00000101",
        **flags,
    )


@dataclass
class Application:
    """The port; by default somebody who waits in the cooling days."""

    found: Sequence[OwnApplication] | Refused = field(default_factory=lambda: [own_application()])
    care: bool | None = None

    def applications(self) -> Sequence[OwnApplication] | Refused:
        return self.found

    def wants_care(self) -> bool | None:
        return self.care

    def choose_care(self, wanted: bool) -> None:
        self.care = wanted

    def rules_url(self) -> str:
        return "https://nuanmin.example.cn/h5/privacy"

    def safety(self) -> str:
        return "有危险马上打110；妇女维权热线12338；可以申请人身安全保护令。"
