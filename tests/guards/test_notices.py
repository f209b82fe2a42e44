"""What the catalogue of notices promises (domain-rules §7): short, neutral on a lock screen, and said by somebody."""

from __future__ import annotations

import re

import pytest

from messages.models import Channel
from messages.notices import Audience, Notice, all_notices
from tests.guards.source import PRODUCT, place, python_files, strings, tree_of

# WeChat takes more; people do not.
MOST_CHARACTERS = 600
LONGEST_FIELD = 40
# A lock screen is read by others: no matter that shames, no illness, no death, no number of a paper.
NEVER_SAID = re.compile(
    "离婚|低保|特困|救助|困难|贫困|残疾|疾病|病情|癌|精神|艾滋|去世|死亡|逝|遗体|火化|殡|家暴|身份证号|证件号|银行卡|密码"
)
# Where a notice is only described, mapped or named.
NOT_A_USE = ("messages/catalogue/", "backend/console/texts.py", "backend/demonstration/")


def faults(entry: Notice) -> list[str]:
    """What is wrong with the wording of a notice."""
    longest = entry.wording(dict.fromkeys(entry.fields, "某" * LONGEST_FIELD))
    found = [f"{len(longest)} characters"] if len(longest) > MOST_CHARACTERS else []
    return found + NEVER_SAID.findall(entry.text)


def unused(keys: set[str]) -> set[str]:
    """Those of the keys that no product code names."""
    said = {
        text.value
        for path in python_files(*PRODUCT)
        if not place(path).startswith(NOT_A_USE)
        for text in strings(tree_of(path))
    }
    return keys - said


def sample(text: str) -> Notice:
    """A notice with a text."""
    return Notice("test.sample", "样子", Audience.RESIDENT, text, ("matter",), (Channel.DESK,))


@pytest.mark.parametrize("entry", all_notices(), ids=lambda entry: entry.key)
def test_the_wording_is_short_and_neutral(entry: Notice):
    assert faults(entry) == []


def test_every_notice_is_said_by_somebody():
    assert unused({entry.key for entry in all_notices()}) == set()


def test_staff_can_tell_notices_apart_by_their_titles():
    titles = [entry.title for entry in all_notices()]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not 3 <= len(title) <= 14] == []


def test_faults_are_found():
    assert faults(sample("您的低保和离婚：{matter}")) == ["低保", "离婚"]
    assert faults(sample("约" * 561 + "{matter}")) == ["601 characters"]
    assert faults(sample("您预约的业务：{matter}")) == []
    assert unused({"marriage.booked", "marriage.never_said"}) == {"marriage.never_said"}
