"""Templates entered by the operator: checked, and replaced."""

from __future__ import annotations

import pytest

from backend.storage import transaction
from messages import Channel, map_template, template_for
from tests.messages.support import ACCOUNT_APP, FIELDS, MINI_APP, NOTICE

pytestmark = pytest.mark.usefixtures("database")


def enter(channel=Channel.TEMPLATE, notice=NOTICE, template_id="TPL", fields=FIELDS, **options) -> None:
    with transaction():
        map_template(ACCOUNT_APP, channel, notice, template_id, fields, **options)


def test_a_template_is_found_again_and_replaced():
    enter()
    enter(template_id="TPL2", fields={"thing1": "matter"}, link="https://mz.example.cn/a/{subject_id}", long_term=True)
    found = template_for(ACCOUNT_APP, Channel.TEMPLATE, NOTICE)
    assert (found.template_id, found.fields, found.long_term) == ("TPL2", {"thing1": "matter"}, True)
    assert template_for(MINI_APP, Channel.TEMPLATE, NOTICE) is None


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"channel": Channel.CUSTOMER_SERVICE}, ValueError),
        ({"notice": "marriage.gone"}, KeyError),
        ({"fields": {}}, ValueError),
        ({"fields": {"thing": "matter"}}, ValueError),
        ({"fields": {"first1": "matter"}}, ValueError),
        ({"fields": {"thing1": "name"}}, ValueError),
        ({"fields": {"thing1": "matter", "phrase2": "time"}}, ValueError),
        ({"fields": {"time1": "matter"}}, ValueError),
        ({"link": "pages/a?openid={openid}"}, ValueError),
    ],
)
def test_what_wechat_would_refuse_cannot_be_entered(options, error):
    with pytest.raises(error):
        enter(**options)
    assert template_for(ACCOUNT_APP, Channel.TEMPLATE, NOTICE) is None
