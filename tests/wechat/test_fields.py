from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.wechat.errors import BadContent
from backend.wechat.fields import FITTERS, FieldError, fit_fields


@pytest.mark.parametrize(
    ("key", "value", "fitted"),
    [
        ("thing1", "结婚登记", "结婚登记"),
        ("thing1", "字" * 20, "字" * 20),
        ("thing1", "字" * 21, "字" * 19 + "…"),
        ("thing12", "字" * 500, "字" * 19 + "…"),
        ("thing1", "𠮷" * 11, "𠮷" * 9 + "…"),
        ("thing1", " 一\r\n二\t三\x00\u200b ", "一 二 三"),
        ("number2", "12.50", "12.50"),
        ("letter3", "abcDEF", "abcDEF"),
        ("symbol3", "★★★", "★★★"),
        ("character_string3", "MZ-2026 04/01#1", "MZ-2026 04/01#1"),
        ("time2", "15:01", "15:01"),
        ("time2", "2026年4月1日 09:30", "2026年4月1日 09:30"),
        ("time2", "2026年04月01日 09:30:00", "2026年04月01日 09:30:00"),
        ("time2", "2026年4月1日 09:30~2026年4月1日 10:00", "2026年4月1日 09:30~2026年4月1日 10:00"),
        ("time2", "09:00~10:00", "09:00~10:00"),
        ("date4", "2026年4月1日", "2026年4月1日"),
        ("date4", "2026-04-01", "2026-04-01"),
        ("date4", "2026/04/01", "2026/04/01"),
        ("date4", "2026.04.01", "2026.04.01"),
        ("date4", "2026-04", "2026-04"),
        ("date4", "04-01", "04-01"),
        ("date4", "2026年4月1日 09:30", "2026年4月1日 09:30"),
        ("date4", "2026-04-01~2026-04-30", "2026-04-01~2026-04-30"),
        ("amount5", "￥12.50", "￥12.50"),
        ("amount5", "1234567890元", "1234567890元"),
        ("phone_number6", "+86 138-0000-0000", "+86 138-0000-0000"),
        ("car_number7", "粤A12345", "粤A12345"),
        ("name8", "张三", "张三"),
        ("name8", "Abdurrahman Muhammadov", "Abdurrahman Muhamma…"),
        ("name8", "阿卜杜热合曼·买买提江", "阿卜杜热合曼·买买…"),
        ("phrase9", "已预约", "已预约"),
        ("const1", "办理成功", "办理成功"),
    ],
)
def test_fits(key: str, value: str, fitted: str) -> None:
    assert fit_fields({key: value}) == {key: fitted}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("number2", "一"),
        ("number2", "1" * 33),
        ("number2", "１２"),
        ("letter3", "ab1"),
        ("letter3", "a" * 33),
        ("symbol3", "ab"),
        ("symbol3", "*" * 6),
        ("character_string3", "预约1"),
        ("character_string3", "1" * 33),
        ("time2", "25:00"),
        ("time2", "09:60"),
        ("time2", "2026年13月1日 09:30"),
        ("time2", "2026年4月1日"),
        ("time2", "上午九点"),
        ("date4", "2026-04/01"),
        ("date4", "2026年4月32日"),
        ("date4", "明天"),
        ("amount5", "12345678901"),
        ("amount5", "一百元"),
        ("phone_number6", "1" * 18),
        ("phone_number6", "无"),
        ("car_number7", "粤粤A1234"),
        ("car_number7", "粤A12345678"),
        ("name8", "张3"),
        ("phrase9", "已预约!"),
        ("phrase9", "预约已经成功"),
        ("phrase9", "OK"),
        ("const1", "字" * 21),
    ],
)
def test_refuses_what_cannot_be_cut(key: str, value: str) -> None:
    with pytest.raises(FieldError) as caught:
        fit_fields({"thing1": "好", key: value})
    assert (caught.value.field, caught.value.why) == (key, "impossible")
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "\r\n", "\x00\u200b"])
@pytest.mark.parametrize("kind", FITTERS)
def test_refuses_empty_values(kind: str, value: str) -> None:
    with pytest.raises(FieldError) as caught:
        fit_fields({f"{kind}1": value})
    assert caught.value.why == "empty"


@pytest.mark.parametrize("key", ["thing", "1", "things1", "THING1", ""])
def test_refuses_unknown_fields(key: str) -> None:
    with pytest.raises(FieldError) as caught:
        fit_fields({key: "好"})
    assert caught.value.why == "unknown_field"


def test_is_bad_content_and_survives_a_queue() -> None:
    copy = pickle.loads(pickle.dumps(FieldError("thing1", "empty")))
    assert isinstance(copy, FieldError)
    assert issubclass(FieldError, BadContent)
    assert (copy.field, copy.why) == ("thing1", "empty")


@given(st.sampled_from(sorted(FITTERS)), st.text(st.characters(codec=None)))
def test_what_fits_is_sendable(kind: str, value: str) -> None:
    try:
        fitted = fit_fields({f"{kind}1": value})[f"{kind}1"]
    except FieldError:
        return
    assert 0 < len(fitted.encode("utf-16-le")) // 2 <= 45
    assert fitted == fitted.strip()
    assert not set(fitted) & set("\r\n\t\x00")
    assert fit_fields({f"{kind}1": fitted}) == {f"{kind}1": fitted}
