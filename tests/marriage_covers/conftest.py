"""A couple with a private link who use the mini-program, and a WeChat that says when it is told to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import now
from backend.marriage.covers.check import ask_about_next, take_verdicts
from backend.marriage.covers.models import Cover
from backend.people import log_in
from backend.people.models import WeChatIdentity
from backend.storage import session, transaction
from backend.wechat.errors import WeChatError
from backend.wechat.media_checks import CheckedSubject, on_media_checked
from backend.wechat.models import MediaCheck
from tests.marriage_blessings.conftest import page
from tests.marriage_ceremonies.conftest import couple, garden, hall, office
from tests.messages.support import MINI_APP

__all__ = ["couple", "garden", "hall", "office", "page"]


@dataclass
class WeChat:
    """Takes each picture it is asked about; `addresses` are where it would fetch them."""

    failure: WeChatError | None = None
    addresses: list[str] = field(default_factory=list)

    def __call__(self, app_id: str, openid: str, address: str, subject: CheckedSubject) -> None:
        """As `backend.jobs.lookups.check_picture`."""
        if self.failure is not None:
            raise self.failure
        assert app_id == MINI_APP
        self.addresses.append(address)
        with transaction():
            asked = MediaCheck(trace_id=self.trace, subject_kind=subject.kind, subject_id=subject.id, asked_at=now())
            session().add(asked)

    @property
    def trace(self) -> str:
        """Of what it was asked about last."""
        return f"trace-{len(self.addresses)}"

    def asked(self) -> int:
        """Let the worker run until nothing is due; how many it dealt with."""
        count = 0
        while ask_about_next(self):
            count += 1
        return count

    def says(self, suggest: str, trace: str | None = None) -> int:
        """The push, and the tick after it; how many pictures were settled."""
        on_media_checked(trace or self.trace, suggest, 100)
        return take_verdicts()


@pytest.fixture
def wechat() -> WeChat:
    """WeChat's part."""
    return WeChat()


@dataclass(frozen=True)
class Phone:
    """The mini-program of one of the couple."""

    client: FlaskClient
    headers: dict[str, str]

    def sends(self, ceremony_id: uuid.UUID, body: bytes, name: str = "a.jpg") -> TestResponse:
        """Put a picture on the page of a ceremony."""
        address = f"/api/v1/marriage/ceremonies/{ceremony_id}/cover"
        return self.client.post(address, data={"picture": (BytesIO(body), name)}, headers=self.headers)

    def removes(self, ceremony_id: uuid.UUID) -> TestResponse:
        """Take it away."""
        return self.client.post(f"/api/v1/marriage/ceremonies/{ceremony_id}/cover/remove", headers=self.headers)


@pytest.fixture
def phone(client: FlaskClient) -> Callable[..., Phone]:
    """The mini-program of a person."""

    def make(person_id: uuid.UUID) -> Phone:
        openid = f"oOf{person_id.hex[:25]}"
        token = log_in(MINI_APP, openid, None).token
        with transaction() as db:
            db.execute(
                sa.update(WeChatIdentity).where(WeChatIdentity.openid == openid).values(person_id=person_id),
                execution_options={"synchronize_session": False},
            )
        return Phone(client, {"Authorization": f"Bearer {token}"})

    return make


def cover() -> Cover:
    """The one row as it stands."""
    with transaction() as db:
        return db.scalars(sa.select(Cover).execution_options(populate_existing=True)).one()
