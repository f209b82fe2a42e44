"""What can be said: the catalogue's wording, and what a notice takes."""

from __future__ import annotations

from datetime import datetime

import pytest

from backend.kernel.clock import BEIJING
from messages.models import Channel
from messages.notices import Audience, Notice, all_notices, find_notice, notice, register
from tests.messages.support import DATA

SAMPLE = {
    **DATA,
    "reason": "当天停电，窗口关闭。",
    "saying": "正在为您转人工，请稍等。",
    "phones": "婚姻登记处 029-00000101",
    "who": "您的女儿李*梅",
    "whom": "王*英",
    "matters": "助餐订餐、探访关爱",
    "outcome": "本人同意了，现在可以代办",
    "result": "已办好",
}


def small(**changes) -> Notice:
    given = {
        "key": "test.small",
        "title": "小事",
        "audience": Audience.RESIDENT,
        "text": "{place}",
        "fields": ("place",),
    }
    return Notice(**{**given, "channels": (Channel.DESK,), **changes})


def test_the_catalogue_holds_what_the_rooms_say():
    keys = {entry.key for entry in all_notices()}
    assert {"marriage.booked", "marriage.refused", "marriage.reminder_day_before", "chat.conversation_expired"} <= keys


@pytest.mark.parametrize("entry", all_notices(), ids=lambda entry: entry.key)
def test_wording_is_short_and_neutral(entry):
    text = entry.wording({field: SAMPLE.get(field, "一句话") for field in entry.fields})
    assert len(text) < 300
    assert "离婚" not in entry.text
    assert "系统错误" not in entry.text
    assert len(text.splitlines()) < 9
    assert "。。" not in text


def test_an_unknown_notice_is_told_apart():
    assert find_notice("marriage.gone") is None
    with pytest.raises(KeyError):
        notice("marriage.gone")


def test_a_notice_cannot_use_what_it_does_not_have():
    with pytest.raises(ValueError, match="name"):
        small(text="{name}")
    with pytest.raises(ValueError, match="channel"):
        small(channels=())
    with pytest.raises(ValueError, match="booked"):
        register(small(key="marriage.booked"))


@pytest.mark.parametrize(
    "data",
    [{}, {"place": "a", "more": "b"}, {"place": ""}, {"place": "  "}, {"place": None}, {"plaice": "a"}],
)
def test_data_must_fill_the_fields(data):
    with pytest.raises(ValueError, match=r"test\.small"):
        small().check(data)


@pytest.mark.parametrize(
    "number", ["610102199503151234", "61010219950315123X", "610102950315123", "６１０１０２１９９５０３１５１２３４"]
)
def test_identity_numbers_are_refused_and_not_repeated(number):
    with pytest.raises(ValueError, match="place") as refused:
        small().check({"place": f"证件{number}"})
    assert number not in str(refused.value)


@pytest.mark.parametrize("text", ["电话029-87654321，13800000000", "2027-05-18 10:00~2027-05-19 10:00", "MZ-0518-0037"])
def test_other_numbers_pass(text):
    small().check({"place": text})


def at(hour: int, minute: int = 0, day: int = 17) -> datetime:
    return datetime(2027, 5, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(8), at(8)),
        (at(20, 59), at(20, 59)),
        (at(21), at(8, day=18)),
        (at(23, 59), at(8, day=18)),
        (at(0), at(8)),
        (at(7, 59), at(8)),
    ],
)
def test_quiet_hours(moment, expected):
    assert small().earliest(moment) == expected
    assert small(urgent=True).earliest(moment) == moment


def test_what_would_be_too_late_in_the_morning_goes_out_at_night():
    assert small().earliest(at(22), at(7, day=18)) == at(22)
    assert small().earliest(at(22), at(8, day=18)) == at(8, day=18)
