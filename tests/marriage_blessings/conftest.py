"""A couple with a private link, guests who have used the mini-program, and WeChat's word on what they write."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from backend.marriage.blessings.check import check_next
from backend.marriage.blessings.models import Blessing
from backend.marriage.ceremonies.cloud import choose_cloud, enter_link
from backend.people import identity_for
from backend.storage import transaction
from backend.wechat.errors import WeChatError
from backend.wechat.security import Suggestion, TextVerdict
from messages import Product
from tests.marriage_ceremonies.conftest import couple, garden, hall, office
from tests.marriage_ceremonies.support import Couple, hold
from tests.messages.support import MINI_APP

__all__ = ["couple", "garden", "hall", "office"]


@dataclass(frozen=True)
class Page:
    """A private link, and whose it is."""

    two: Couple
    ceremony_id: uuid.UUID
    cloud_id: uuid.UUID
    token: str


@dataclass
class WeChatsWord:
    """Answers of msg_sec_check in order; `asked` is what it was asked."""

    answers: list[Suggestion | WeChatError] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, app_id: str, openid: str, text: str) -> TextVerdict:
        """As the client's `check_text`."""
        self.asked.append((app_id, openid, text))
        answer = self.answers.pop(0) if self.answers else Suggestion.PASS
        if isinstance(answer, WeChatError):
            raise answer
        return TextVerdict(answer, 100)

    def looks(self, *answers: Suggestion | WeChatError) -> int:
        """Let the worker run until nothing is due; how many words it looked at."""
        self.answers = list(answers)
        count = 0
        while check_next(self):
            count += 1
        return count


@pytest.fixture
def word() -> WeChatsWord:
    """WeChat's."""
    return WeChatsWord()


@pytest.fixture
def page(garden: uuid.UUID, couple: Callable[..., Couple]) -> Page:
    """Both agreed, and the video is there."""
    two = couple()
    made = hold(two, garden)
    cloud_id = choose_cloud(made.id, two.first, given=True).id
    choose_cloud(made.id, two.second, given=True)
    token = enter_link(cloud_id, "https://video.example.cn/a").token or ""
    return Page(two, made.id, cloud_id, token)


def make_guest(name: str = "oGuest00000000000000000000001") -> uuid.UUID:
    """Somebody who has opened the mini-program."""
    return identity_for(Product.MINIPROGRAM, MINI_APP, name).person_id


def blessing(blessing_id: uuid.UUID) -> Blessing:
    """The row as it stands."""
    with transaction() as session:
        return session.get_one(Blessing, blessing_id, populate_existing=True)
