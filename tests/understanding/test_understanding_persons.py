"""Lists of persons as residents type them. Numbers are of the test-only area 100000 (domain-rules §1.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import TypedPerson, read_persons

HE, SHE, WITH_X = "100000200411210011", "100000200611210024", "34052419800101001X"
ZHANG = ("张三", HE, None, "")
LI = ("李四", SHE, None, "")


def rows(text: str) -> list[tuple[str | None, str | None, str | None, str]]:
    return [(person.name, person.number, person.phone, person.leftover) for person in read_persons(text)]


@pytest.mark.parametrize(
    "typed",
    [
        f"张三 {HE}\n李四 {SHE}",
        f"张三{HE}\n李四{SHE}",
        f"{HE} 张三\n{SHE} 李四",
        f"张三 {HE}；李四 {SHE}",
        f"张三，{HE}，李四，{SHE}",
        f"张三,{HE};{SHE},李四",
        f"张三 {HE}和李四 {SHE}",
        f"张三\n{HE}\n李四\n{SHE}",
        f"{HE}\n张三\n\n{SHE}\n李四",
        f"姓名：张三 身份证号：{HE}\n姓名：李四 身份证号：{SHE}",
        f"姓名：张三\n身份证号码：{HE}\n姓名：李四\n身份证号码：{SHE}",
        f"男方：张三 {HE}\n女方：李四 {SHE}",
        f"男 张三 {HE}\n女 李四 {SHE}",
        f"新郎张三{HE}新娘李四{SHE}",
        f"1、张三 {HE}\n2、李四 {SHE}",
        f"1 张三 {HE}\n2 李四 {SHE}",
        f"张 三 {HE}\n李　四 {SHE}",
        "张三 100000 20041121 0011\n李四 100000-20061121-0024",
        "张三 １０００００２００４１１２１００１１\n李四 " + SHE,
        "张三 1000 0020 0411 2100 11\n李四 " + SHE,
        "张三 " + " ".join(HE) + "\n李四 " + SHE,
        f"我叫张三，身份证{HE}\n李四，{SHE}",
        f"张三\u200b {HE}\r\n李四 {SHE}",
        f"我爸张三 {HE}\n我妈李四 {SHE}",
    ],
)
def test_two_persons(typed: str) -> None:
    assert rows(typed) == [ZHANG, LI]


@pytest.mark.parametrize("last", ["X", "x", "×", "Х", "Ⅹ", "ｘ"])
def test_the_last_sign_may_be_any_cross(last: str) -> None:
    assert rows("王小明 34052419800101001" + last) == [("王小明", WITH_X, None, "")]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (f"阿依古丽·买买提 {SHE}", [("阿依古丽·买买提", SHE, None, "")]),
        (f"阿依古丽•买买提 {SHE}", [("阿依古丽·买买提", SHE, None, "")]),
        (f"欧阳修 {HE}", [("欧阳修", HE, None, "")]),
        (f"陳 大文 {HE}", [("陳大文", HE, None, "")]),
        (f"李胜男 {SHE}", [("李胜男", SHE, None, "")]),
        (f"李和平 {HE}和王红 {SHE}", [("李和平", HE, None, ""), ("王红", SHE, None, "")]),
        ("李和平", [("李和平", None, None, "")]),
        ("张三和李四", [("张三", None, None, ""), ("李四", None, None, "")]),
        ("张三、李四", [("张三", None, None, ""), ("李四", None, None, "")]),
        (HE, [(None, HE, None, "")]),
        ("张三 E12345678", [("张三", "E12345678", None, "")]),
        ("张三 h1234567801", [("张三", "H1234567801", None, "")]),
        ("JOHN SMITH 护照 G12345678", [("JOHN SMITH", "G12345678", None, "")]),
        ("JOHN SMITH passport: 123456789", [("JOHN SMITH", "123456789", None, "")]),
        ("陈大文 台胞证 12345678", [("陈大文", "12345678", None, "")]),
        ("李强 ABC123456789012", [("李强", "ABC123456789012", None, "")]),
        ("张三 100000041121001", [("张三", "100000041121001", None, "")]),
        (f"张三 {HE} 13812345678", [("张三", HE, "13812345678", "")]),
        (f"13812345678 {HE} 张三", [("张三", HE, "13812345678", "")]),
        (f"张三 {HE} 电话 138 1234 5678", [("张三", HE, "13812345678", "")]),
        (f"张三 {HE}\n13812345678\n李四 {SHE}", [("张三", HE, "13812345678", ""), LI]),
        ("联系人 王红 13812345678", [("王红", None, "13812345678", "")]),
        ("王小明 10000020041121001", [("王小明", None, None, "10000020041121001")]),
        ("10000020041121001", [(None, None, None, "10000020041121001")]),
        (f"张三 {HE}\n李四 1000002006112100", [ZHANG, ("李四", None, None, "1000002006112100")]),
    ],
)
def test_persons(typed: str, expected: list[tuple[str | None, str | None, str | None, str]]) -> None:
    assert rows(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "好的",
        "谢谢",
        "什么意思",
        "明天",
        "1",
        "5月18号",
        "我不知道身份证号",
        "没有",
        "取消",
        "ok",
        "，；\n",
        "身份证号：",
    ],
)
def test_nobody(typed: str) -> None:
    assert read_persons(typed) == []


def test_a_person_is_not_shown_by_repr() -> None:
    person = read_persons(f"张三 {HE} 13812345678")[0]
    assert HE not in repr(person)
    assert "13812345678" not in repr(person)


NAMES = st.sampled_from(["张三", "王小明", "欧阳修", "阿依古丽·买买提", "李和平"])
NUMBERS = st.sampled_from([HE, SHE, WITH_X, "E12345678"])


@given(
    st.lists(st.tuples(NAMES, NUMBERS), min_size=1, max_size=5), st.sampled_from([" ", "", "：", ", "]), st.booleans()
)
def test_lines_round_trip(people: list[tuple[str, str]], between: str, number_first: bool) -> None:
    lines = [between.join(reversed(person) if number_first else person) for person in people]
    assert [(person.name, person.number) for person in read_persons("\n".join(lines))] == people


@given(st.text(alphabet="张三李四和、，；\n 0123456789Xx-·男女：姓名身份证号AB×", max_size=200) | st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    for person in read_persons(text):
        assert isinstance(person, TypedPerson)
        assert any((person.name, person.number, person.phone, person.leftover))
        assert person.name is None or 2 <= len(person.name) <= 20
        assert person.phone is None or len(person.phone) == 11
        assert person.number is None or person.number == person.number.upper().replace(" ", "")
