"""Where guests write: the page inside WeChat."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa

from backend.marriage.blessings.models import Blessing
from backend.storage import transaction
from tests.h5.conftest import Browser, browser, wechat
from tests.marriage_blessings.conftest import Page, WeChatsWord

__all__ = ["browser", "wechat"]


def test_a_guest_writes_inside_wechat(page: Page, word: WeChatsWord, browser: Callable[..., Browser]) -> None:
    guest = browser()
    address = f"/h5/ceremony/{page.token}/blessing"
    assert guest.client.get(address).location == f"/h5/login?next={address}"
    guest.signs_in()
    form = guest.client.get(address).text
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', form)
    assert token
    typed = {"form_token": token[1], "name": "大姨", "words": "<b>早生贵子</b>"}
    assert guest.client.post(address, data=typed | {"form_token": "x"}).status_code == 303
    wrong = guest.client.post(address, data=typed | {"words": "电话13800138311"})
    assert (wrong.status_code, "不要写电话和证件号码" in wrong.text, "13800138311" in wrong.text) == (422, True, True)
    assert guest.client.post(address, data=typed).location == address
    assert "收到了，看过以后就会出现在这里" in guest.client.get(address).text
    with transaction() as session:
        (row,) = session.scalars(sa.select(Blessing)).all()
        assert (row.name, row.words) == ("大姨", "<b>早生贵子</b>")
    word.looks()
    assert "工作人员看过以后" in guest.client.get(address).text, "never in the mini-program, so a person looks"
    assert guest.client.get(f"/h5/ceremony/{page.token[:-2]}xx/blessing").status_code == 404
