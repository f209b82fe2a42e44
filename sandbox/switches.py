"""Settings of the stand-in that tests and the page may turn while it runs; all go back at a reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, cast

VERDICTS = ("pass", "review", "risky")
LONGEST_LATENCY_SECONDS = 60.0


class Switches(TypedDict):
    """What can be turned.

    - unionid_bound: account and mini-program belong to one Open Platform account (§4.2).
    - snapshot_user: the next web logins with snsapi_userinfo come from a snapshot page (§4.1).
    - oauth_domain: 网页授权域名 and JS 安全域名; "" stands for the host of the product.
    - ip_whitelist: addresses that may ask for tokens (40164); empty: all.
    - latency_seconds: every API answer comes this much later.
    - recognition: voice messages carry Recognition (§1.3: wound down in 2023, so off).
    - service_counts: sends allowed per trigger ("account message": 20) in place of §5.4's numbers.
    - released_pages: pages of the released mini-program; empty: every page is.
    - words: what msg_sec_check finds, word to label (§6.6).
    - media_verdict: what media_check_async finds.
    """

    unionid_bound: bool
    snapshot_user: bool
    oauth_domain: str
    ip_whitelist: list[str]
    latency_seconds: float
    recognition: bool
    service_counts: dict[str, int]
    released_pages: list[str]
    words: dict[str, int]
    media_verdict: str


DEFAULTS: Switches = {
    "unionid_bound": True,
    "snapshot_user": False,
    "oauth_domain": "",
    "ip_whitelist": [],
    "latency_seconds": 0.0,
    "recognition": False,
    "service_counts": {},
    "released_pages": [],
    "words": {"笨蛋": 20003, "赌博": 20006, "刷单": 20008, "加微信领红包": 10001},
    "media_verdict": "pass",
}


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in value.values()
    )


def _latency(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_LATENCY_SECONDS


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "unionid_bound": (_flag, "true 或 false"),
    "snapshot_user": (_flag, "true 或 false"),
    "oauth_domain": (lambda value: isinstance(value, str) and "/" not in value, "域名，不带 https:// 和路径"),
    "ip_whitelist": (_texts, "IP 地址的数组"),
    "latency_seconds": (_latency, "0 到 60 的秒数"),
    "recognition": (_flag, "true 或 false"),
    "service_counts": (_counts, '对象，如 {"account message": 20}'),
    "released_pages": (_texts, "页面路径的数组"),
    "words": (_counts, '对象，词语对应标签，如 {"笨蛋": 20003}'),
    "media_verdict": (lambda value: value in VERDICTS, "pass、review 或 risky"),
}


def turned(switches: Switches, wanted: dict[str, Any]) -> Switches:
    """A copy with some members replaced. Raises ValueError with a sentence for the person who asked."""
    for name, value in wanted.items():
        check, wording = CHECKS.get(name, (None, ""))
        if check is None:
            raise ValueError(f"没有这个设置：{name}")
        if not check(value):
            raise ValueError(f"{name} 请填{wording}")
    return cast(Switches, {**switches, **wanted})
