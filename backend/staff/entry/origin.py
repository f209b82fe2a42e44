"""From where and with what somebody comes, in so few words that it tells the holder and hardly anybody else."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from backend.staff.entry import texts


@dataclass(frozen=True)
class Origin:
    """`place` is a network address without its last half, `browser` two words for a browser and its system."""

    place: str = ""
    browser: str = ""


UNKNOWN = Origin()


def origin_of(address: str | None, user_agent: str | None) -> Origin:
    """The origin of a request, from its address and its User-Agent line."""
    return Origin(coarse_place(address or ""), short_browser(user_agent or ""))


def coarse_place(address: str) -> str:
    """The network an address belongs to: two numbers of four for IPv4, 32 bits of 128 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return texts.THIS_MACHINE
    if isinstance(parsed, ipaddress.IPv4Address):
        first, second = str(parsed).split(".")[:2]
        return f"{first}.{second}.*.*"
    return ":".join(parsed.exploded.split(":")[:2]) + ":*"


# In this order: browsers name their ancestors, systems the systems they pretend to be.
_BROWSERS = (
    ("MicroMessenger", texts.WECHAT_BROWSER),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", texts.QQ_BROWSER),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("OpenHarmony", texts.HARMONY),
    ("HarmonyOS", texts.HARMONY),
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def short_browser(user_agent: str) -> str:
    """A browser and its system, such as `Edge · Windows`; empty for what names neither."""
    found = [next((name for mark, name in names if mark in user_agent), None) for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)
