"""What staff read and decide: the page of the ceremony and the list of what waits."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import BlessingState
from backend.marriage.blessings.write import write_blessing
from backend.marriage.ceremonies.cloud import choose_cloud, enter_link
from backend.storage import transaction
from backend.wechat.security import Suggestion
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.marriage_blessings.conftest import WeChatsWord, make_guest
from tests.marriage_ceremonies.support import Couple
from tests.marriage_ceremonies.test_desk import inside, made, outside, place, two

__all__ = ["desk", "desks", "inside", "made", "outside", "place", "two"]


def test_the_desk_reads_and_decides(made: uuid.UUID, two: Couple, desk: Callable[..., Desk], word: WeChatsWord) -> None:
    for person in (two.first, two.second):
        cloud_id = choose_cloud(made, person, given=True).id
    token = enter_link(cloud_id, "https://video.example.cn/a").token or ""
    written = write_blessing(token, make_guest(), "大姨", "早生贵子")
    word.looks(Suggestion.REVIEW)
    opened, path = desk("registrar-1"), f"/console/marriage/ceremonies/{made}"
    assert "有祝福等您看一眼" in opened.get("/console/").text
    assert "早生贵子" in opened.get(path).text
    assert opened.post(f"{path}/blessings/{written.id}/show").status_code == 303
    assert "有祝福等您看一眼" not in opened.get("/console/").text
    assert "早生贵子" in opened.client.get(f"/h5/ceremony/{token}").text
    assert opened.post(f"{path}/blessings/{written.id}/hide").status_code == 303
    with transaction() as session:
        assert session.scalar(sa.select(Blessing.state)) is BlessingState.HIDDEN
    assert opened.post(f"{path}/blessings/{uuid.uuid4()}/show").status_code == 404
