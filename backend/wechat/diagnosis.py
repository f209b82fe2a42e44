"""What an operator asks WeChat about the app itself (wechat-protocol §0, §5.6)."""

from __future__ import annotations

from backend.wechat.caller import Caller
from backend.wechat.transport import list_of


class Diagnosis(Caller):
    """Questions about addresses and quotas."""

    def callback_addresses(self) -> list[str]:
        """The addresses WeChat pushes from (§0), single or with a prefix length."""
        return [str(address) for address in list_of(self.call("GET", "/cgi-bin/getcallbackip"), "ip_list")]

    def clear_quota(self) -> None:
        """Have all quotas of the day given back; ten times a month, `Banned` (48006) when none is left."""
        self.call("POST", "/cgi-bin/clear_quota", json={"appid": self.app_id})
        self.quotas.reopen()
