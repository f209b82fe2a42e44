"""Codes and links that lead to us: QR codes with a scene, mini-program codes, links for text messages (§6.2-6.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from backend.wechat.caller import Caller
from backend.wechat.errors import OutcomeUnknown
from backend.wechat.transport import File, text_of

EnvVersion = Literal["release", "trial", "develop"]

LONGEST_SECONDS = 30 * 24 * 3600
LONGEST_DAYS = 30
_SCENE = re.compile(r"[A-Za-z0-9!#$&'()*+,/:;=?@\-._~]{1,32}")
_QUERY = 1024


@dataclass(frozen=True)
class QrCode:
    """A QR code with a scene. `url` is what it says, to be drawn by us; `ticket` is for WeChat's own picture.

    `expires_in` seconds; None for a permanent one.
    """

    ticket: str = field(repr=False)
    url: str = field(repr=False)
    expires_in: int | None


class Codes(Caller):
    """Codes of the account and of the mini-program, and links into the mini-program."""

    def create_qr_code(self, scene: str, expires: int) -> QrCode:
        """A temporary QR code of the account (§6.2), good for `expires` seconds, 30 days at most.

        Scanning it pushes `Scanned`, or `Subscribed` from who did not follow yet, with `scene` (1 to 64 characters).
        """
        if not 1 <= len(scene) <= 64 or not 1 <= expires <= LONGEST_SECONDS:
            raise ValueError("a scene has 1 to 64 characters, a temporary code lives 30 days at most")
        return self._create(scene, expires)

    def create_permanent_qr_code(self, scene: str) -> QrCode:
        """A QR code to be printed. An account has 100,000 of them and cannot take one back."""
        if not 1 <= len(scene) <= 64:
            raise ValueError("a scene has 1 to 64 characters")
        return self._create(scene, None)

    def _create(self, scene: str, expires: int | None) -> QrCode:
        life = {} if expires is None else {"expire_seconds": expires}
        action = "QR_LIMIT_STR_SCENE" if expires is None else "QR_STR_SCENE"
        body = {**life, "action_name": action, "action_info": {"scene": {"scene_str": scene}}}
        answer = self.call("POST", "/cgi-bin/qrcode/create", json=body)
        return QrCode(text_of(answer, "ticket"), text_of(answer, "url"), expires)

    def miniprogram_code(self, scene: str, page: str, version: EnvVersion = "release", width: int = 430) -> File:
        """A picture of a mini-program code (§6.3); the page reads `scene`. There is no limit to their number.

        `scene`: 1 to 32 letters, digits and some signs, nothing personal; `page` without a leading slash or query;
        `width` 280 to 1280. Raises `ValueError` for others, `Misconfigured` for a page that is not released.
        """
        if not _SCENE.fullmatch(scene) or page.startswith("/") or "?" in page or not 280 <= width <= 1280:
            raise ValueError("scene, page or width is not one of a mini-program code")
        body = {
            "scene": scene,
            "page": page,
            "check_path": version == "release",
            "env_version": version,
            "width": width,
        }
        answer = self.fetch("POST", "/wxa/getwxacodeunlimit", json=body)
        if isinstance(answer, File):
            return answer
        raise OutcomeUnknown

    def url_link(self, page: str, query: str = "", days: int = LONGEST_DAYS) -> str:
        """An https address that opens the mini-program from a text message or a browser (§6.4); no secrets in it."""
        _check_link(query, days)
        body = {
            "path": page,
            "query": query,
            "expire_type": 1,
            "expire_interval": days,
            "env_version": "release",
        }
        return text_of(self.call("POST", "/wxa/generate_urllink", json=body), "url_link")

    def url_scheme(self, page: str, query: str = "", days: int = LONGEST_DAYS) -> str:
        """A `weixin://` address that opens the mini-program from a page outside WeChat (§6.4)."""
        _check_link(query, days)
        body = {
            "jump_wxa": {"path": page, "query": query, "env_version": "release"},
            "is_expire": True,
            "expire_type": 1,
            "expire_interval": days,
        }
        return text_of(self.call("POST", "/wxa/generatescheme", json=body), "openlink")


def _check_link(query: str, days: int) -> None:
    if len(query.encode()) > _QUERY or not 1 <= days <= LONGEST_DAYS:
        raise ValueError("a link lives 1 to 30 days and has a query of 1024 bytes at most")
