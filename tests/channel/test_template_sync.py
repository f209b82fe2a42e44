"""WeChat's templates find our notices by title and labels; what went wrong with one is told."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.channel.checks import connections
from backend.channel.template_sync import NoticeStanding, Standing, compare, enter_matches
from backend.storage import transaction
from backend.wechat.approved import ApprovedTemplate
from messages import Channel, Product, map_template, template_for
from messages.catalogue.template_words import LABELS, TITLES
from messages.matching import match_fields
from messages.notices import all_notices, notice
from tests.channel.conftest import APPOINTMENT, GETTEMPLATE, Approved
from tests.wechat.stand_in import StandIn, success

pytestmark = pytest.mark.usefixtures("connected")

CONFIRMED, REFUSED = "marriage.confirmed", "marriage.refused"


def standing_of(app: Flask, key: str, channel: Channel = Channel.TEMPLATE) -> NoticeStanding:
    account, _ = connections(app)
    return next(one for one in compare(account.client, Product.ACCOUNT) if (one.notice, one.channel) == (key, channel))


def sync(app: Flask) -> None:
    for connection in connections(app):
        enter_matches(connection.client, connection.product)


def test_a_fitting_template_is_found_and_entered(connected: Flask, approved: Approved) -> None:
    approved.add("T-OK", "预约成功通知", APPOINTMENT)
    approved.add("T-C", "预约确认通知", APPOINTMENT)
    approved.add("B-C", "预约确认通知", APPOINTMENT, subscribe=True, kind=3)
    assert standing_of(connected, CONFIRMED).standing is Standing.FOUND
    app_id = connections(connected)[0].client.app_id
    assert template_for(app_id, Channel.TEMPLATE, CONFIRMED) is None, "looking writes nothing"
    sync(connected)
    entered = template_for(app_id, Channel.TEMPLATE, CONFIRMED)
    assert entered is not None
    assert (entered.template_id, entered.long_term) == ("T-C", False)
    assert entered.fields == {
        "thing1": "matter",
        "time2": "time",
        "thing3": "place",
        "character_string4": "number",
        "thing5": "hint",
    }
    long_term = template_for(app_id, Channel.SUBSCRIBE, CONFIRMED)
    assert long_term is not None
    assert (long_term.template_id, long_term.long_term) == ("B-C", True)
    assert standing_of(connected, CONFIRMED).standing is Standing.FITS
    assert standing_of(connected, REFUSED).standing is Standing.MISSING


def test_what_the_operator_entered_stays(connected: Flask, approved: Approved) -> None:
    approved.add("OWN", "本局自定的标题", {"thing1": "事情", "time2": "时间"})
    approved.add("T-C", "预约确认通知", APPOINTMENT)
    app_id = connections(connected)[0].client.app_id
    with transaction():
        map_template(
            app_id,
            Channel.TEMPLATE,
            CONFIRMED,
            "OWN",
            {"thing1": "matter", "time2": "time"},
            link="https://a/{subject_id}",
        )
    assert standing_of(connected, CONFIRMED).standing is Standing.FITS
    sync(connected)
    entered = template_for(app_id, Channel.TEMPLATE, CONFIRMED)
    assert entered is not None
    assert (entered.template_id, entered.link) == ("OWN", "https://a/{subject_id}")


@pytest.mark.parametrize(
    ("rows", "standing"),
    [
        ({"thing1": "事情"}, Standing.CHANGED),
        ({"thing1": "事情", "time2": "时间", "thing9": "多出来的"}, Standing.CHANGED),
        (None, Standing.GONE),
    ],
)
def test_templates_that_changed_or_went_are_told(
    connected: Flask, approved: Approved, rows: dict[str, str] | None, standing: Standing
) -> None:
    if rows:
        approved.add("OWN", "本局自定的标题", rows)
    app_id = connections(connected)[0].client.app_id
    with transaction():
        map_template(app_id, Channel.TEMPLATE, CONFIRMED, "OWN", {"thing1": "matter", "time2": "time"})
    assert standing_of(connected, CONFIRMED).standing is standing
    sync(connected)
    entered = template_for(app_id, Channel.TEMPLATE, CONFIRMED)
    assert entered is not None
    assert entered.template_id == "OWN", "nothing is taken away by itself"


def test_listed_values_are_kept_for_the_check(connected: Flask, approved: Approved, wechat: StandIn) -> None:
    approved.add("B", "申请结果通知", {"thing1": "申请事项", "const2": "申请结果"}, subscribe=True)
    approved.subscribe[0]["keywordEnumValueList"] = [
        {"keywordCode": "const2.DATA", "enumValueList": ["已办结", "已驳回"]},
        {"keywordCode": "first.DATA", "enumValueList": []},
        "rubbish",
    ]
    sync(connected)
    app_id = connections(connected)[1].client.app_id
    entered = template_for(app_id, Channel.SUBSCRIBE, "privacy.request_answered")
    assert entered is not None
    assert entered.choices == {"const2": ["已办结", "已驳回"]}
    assert len(wechat.calls_to(GETTEMPLATE)) == 2


def test_rubbish_in_the_list_is_left_out(connected: Flask, approved: Approved, wechat: StandIn) -> None:
    wechat.answers[GETTEMPLATE] = lambda _call: success(data=["rubbish", {"priTmplId": "B", "title": None}])
    assert standing_of(connected, CONFIRMED, Channel.SUBSCRIBE).standing is Standing.MISSING


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"thing1": "办理事项", "thing2": "没见过的标签"}, None),
        ({"thing1": "办理事项", "phrase2": "预约时间"}, None),  # a phrase cannot carry a time
        ({"thing1": "办理事项", "thing2": "预约事项"}, None),  # one field, twice
        ({"thing1": "办理事项", "date2": "预约时间"}, {"thing1": "matter", "date2": "time"}),
        ({}, {}),
    ],
)
def test_a_template_fits_only_whole(rows: dict[str, str], expected: dict[str, str] | None) -> None:
    content = "{{first.DATA}}\n" + "\n".join(f"{label}：{{{{{key}.DATA}}}}" for key, label in rows.items())
    template = ApprovedTemplate("T", "预约确认通知", content + "\n{{remark.DATA}}", "")
    assert template.labels == rows
    assert match_fields(notice(CONFIRMED), template) == expected


def test_every_notice_that_needs_a_template_has_a_title() -> None:
    assert {one.key for one in all_notices() if one.needs_template} == set(TITLES)


def test_every_label_stands_for_fields_that_exist() -> None:
    fields = {field for one in all_notices() for field in one.fields}
    assert {field for named in LABELS.values() for field in named} <= fields
