"""Dates and times the way people say them."""

from __future__ import annotations

from datetime import date, datetime

_WEEKDAYS = "一二三四五六日"


def spoken_day(day: date) -> str:
    """5月18日."""
    return f"{day.month}月{day.day}日"


def spoken_date(day: date) -> str:
    """2027年5月18日."""
    return f"{day.year}年{spoken_day(day)}"


def weekday_name(day: date) -> str:
    """周二."""
    return f"周{_WEEKDAYS[day.weekday()]}"


def spoken_moment(moment: datetime) -> str:
    """5月18日（周二）10:00; the moment must be in 北京时间."""
    return f"{spoken_day(moment.date())}（{weekday_name(moment.date())}）{moment:%H:%M}"


def template_moment(moment: datetime) -> str:
    """2027年5月18日 10:00, the form WeChat's `time` fields take (wechat-protocol §5.3)."""
    return f"{spoken_date(moment.date())} {moment:%H:%M}"
