"""What staff look at and decide: the page of the ceremony, the picture, the list of what waits."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from backend.marriage.ceremonies.cloud import choose_cloud, enter_link
from backend.marriage.covers.check import take_verdicts
from backend.marriage.covers.put import put_cover
from backend.staff.audit.models import AuditEntry
from backend.storage import transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.files.samples import png
from tests.marriage_ceremonies.support import Couple
from tests.marriage_ceremonies.test_desk import inside, made, outside, place, two
from tests.marriage_covers.conftest import WeChat, cover

__all__ = ["desk", "desks", "inside", "made", "outside", "place", "two"]


def test_the_desk_looks_and_decides(made: uuid.UUID, two: Couple, desk: Callable[..., Desk], wechat: WeChat) -> None:
    for person in (two.first, two.second):
        cloud_id = choose_cloud(made, person, given=True).id
    token = enter_link(cloud_id, "https://video.example.cn/a").token or ""
    sent = put_cover(made, two.first, png())
    opened, path = desk("registrar-1"), f"/console/marriage/ceremonies/{made}"
    assert opened.post(f"{path}/covers/{sent.id}/show").status_code == 409, "while WeChat is asked"
    assert (wechat.asked(), wechat.addresses) == (1, []), "neither of the two uses the mini-program"
    assert take_verdicts() == 0
    assert "有封面照片等您看一眼" in opened.get("/console/").text
    page = opened.get(path).text
    assert f"{path}/covers/{sent.id}/picture" in page
    assert "微信没法检查" in page
    looked = opened.get(f"{path}/covers/{sent.id}/picture")
    assert (looked.data, looked.mimetype) == (png(), "image/png")
    with transaction() as session:
        assert session.scalar(sa.select(AuditEntry.id).where(AuditEntry.action == "ceremony.cover_viewed"))
    assert opened.post(f"{path}/covers/{sent.id}/show").status_code == 303
    assert "有封面照片等您看一眼" not in opened.get("/console/").text
    assert opened.client.get(f"/h5/ceremony/{token}/cover").data == png()
    assert opened.post(f"{path}/covers/{sent.id}/hide").status_code == 303
    assert opened.client.get(f"/h5/ceremony/{token}/cover").status_code == 404
    put_cover(made, two.first, png(pixels=b"another"))
    assert opened.post(f"{path}/covers/{sent.id}/show").status_code == 404, "decided on one that was replaced"
    assert opened.get(f"{path}/covers/{sent.id}/picture").status_code == 404
    assert cover().decided_by is None
