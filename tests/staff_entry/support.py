"""Browsers that fill in the console's forms, an authenticator, and what the tests look up."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import pyotp
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import now
from backend.staff.audit.models import AuditEntry
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.models import StaffAccount, StaffSession
from backend.storage import transaction
from backend.wechat.client import QrCode
from backend.wechat.errors import Unreachable
from tests.chat.phone import Phone, timestamp

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost/console/sign-in/scan"}
CODE_PAGE = "/console/sign-in/code"


@dataclass
class Browser:
    """One browser with its cookies."""

    client: FlaskClient
    address: str = "10.20.30.40"
    user_agent: str = EDGE

    @property
    def environ(self) -> dict[str, str]:
        """What the server sees of it."""
        return {"REMOTE_ADDR": self.address, "HTTP_USER_AGENT": self.user_agent}

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=headers, environ_overrides=self.environ)

    def post(self, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> TestResponse:
        """Submit a form with the forgery token of a page of this browser."""
        token = self._forgery_token()
        headers = HTMX | {"X-CSRFToken": token} if htmx else {}
        form = {"csrf_token": token} | (data or {})
        return self.client.post(path, data=form, headers=headers, environ_overrides=self.environ)

    def sign_in(self, username: str = "registrar-1", password: str = DEMONSTRATION_PASSWORD) -> TestResponse:
        """Fill in name and password."""
        return self.post("/console/sign-in", {"username": username, "password": password})

    def give_code(self, code: str) -> TestResponse:
        """Fill in the code that is asked for after the password."""
        return self.post(CODE_PAGE, {"code": code})

    def is_in(self) -> bool:
        """Whether the worklist opens."""
        return self.get("/console/").status_code == 200

    def cookie(self, name: str, path: str = "/console") -> str:
        """The value of a cookie; empty when there is none."""
        kept = self.client.get_cookie(name, path=path)
        return kept.value if kept else ""

    def _forgery_token(self) -> str:
        for path in ("/console/sign-in", "/console/account", "/console/account/password"):
            answer = self.client.get(path, environ_overrides=self.environ)
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
            if found:
                return found[1]
        answer = self.client.get("/console/account/second-factor", environ_overrides=self.environ)
        found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
        assert found, answer.text
        return found[1]


@dataclass
class Authenticator:
    """The application on somebody's telephone."""

    secret: str

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps of 30 seconds later."""
        return pyotp.TOTP(self.secret).generate_otp(int(now().timestamp()) // 30 + steps)


def set_up(browser: Browser) -> tuple[Authenticator, list[str]]:
    """Set up a second factor through the pages; the authenticator and the recovery codes."""
    browser.post("/console/account/second-factor/begin")
    authenticator = Authenticator(secret_on(browser.get("/console/account/second-factor").text))
    shown = browser.post("/console/account/second-factor/confirm", {"code": authenticator.code()})
    assert shown.status_code == 200, shown.text
    return authenticator, codes_on(shown.text)


def secret_on(page: str) -> str:
    """The secret a set-up page shows."""
    found = re.search(r'<p class="secret">(.*?)</p>', page, re.DOTALL)
    assert found, page
    return re.sub(r"<[^>]+>|\s", "", found[1])


def codes_on(page: str) -> list[str]:
    """The recovery codes a page shows."""
    return re.findall(r"<code>([a-z0-9-]+)</code>", page)


@dataclass
class QrMaker:
    """Stands for WeChat where a page asks it for a QR code."""

    scenes: list[str] = field(default_factory=list)
    away: bool = False

    def create_qr_code(self, scene: str, expires: int) -> QrCode:
        """A code, or no answer."""
        if self.away:
            raise Unreachable
        self.scenes.append(scene)
        return QrCode("gQ" + scene, f"http://weixin.qq.com/q/{len(self.scenes)}", expires)


def number_on(page: str) -> str:
    """The number a page asks to give back."""
    found = re.search(r'<output class="match"[^>]*>(\d\d)</output>', page)
    assert found, page
    return found[1]


def names(text: str, number: str) -> bool:
    """Whether a text holds the number by itself, not as part of an address."""
    return re.search(rf"(?<![\d.]){number}(?![\d.])", text) is not None


def account(username: str = "registrar-1") -> StaffAccount:
    """An account as it stands now."""
    with transaction() as session:
        return session.scalars(sa.select(StaffAccount).where(StaffAccount.username == username)).one()


def sessions() -> list[StaffSession]:
    """Every session, the oldest first."""
    with transaction() as session:
        return list(session.scalars(sa.select(StaffSession).order_by(StaffSession.created_at, StaffSession.id)))


def trail(action: str) -> list[dict[str, Any]]:
    """The details of every trace of an action."""
    with transaction() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return [dict(entry.detail) for entry in session.scalars(query)]


SCAN, CHECK, PICTURE = "/console/sign-in/scan", "/console/sign-in/scan/check", "/console/scan.svg"
WECHAT = "/console/account/wechat"

_seconds = itertools.count(1)


def begin(browser: Browser) -> str:
    """Ask for a QR code on the sign-in page; the number shown beside it."""
    assert browser.post(SCAN).headers["Location"] == f"{SCAN}?next=/console/"
    return number_on(browser.get(SCAN).text)


def scans(phone: Phone, qr_codes: QrMaker) -> str:
    """What the chat says to a scan of the newest QR code."""
    # Two events of one second would be one push repeated (wechat-protocol §1.6), and a standing clock knows one second.
    second = str(int(timestamp()) + next(_seconds))
    return phone.does("SCAN", EventKey=qr_codes.scenes[-1], Ticket="gQ", CreateTime=second)
