"""What is shown of a number, a name and a telephone where they must not be shown whole (domain-rules §1.3-7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.masking import mask_name, mask_number, mask_number_for_owner, mask_phone


@pytest.mark.parametrize(
    ("number", "public", "owner"),
    [
        ("11010519491231002X", "1****************X", "110***********002X"),
        ("CAN110105001231", "C*************1", "CAN********1231"),
        ("H12345678", "H*******8", "H*******8"),  # too short for seven characters to leave a secret
        ("E12", "E*2", "E*2"),
        ("12", "**", "**"),
        ("", "", ""),
    ],
)
def test_numbers(number: str, public: str, owner: str) -> None:
    assert mask_number(number) == public
    assert mask_number_for_owner(number) == owner


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王*明"),
        ("欧阳小明", "欧**明"),
        ("阿依古丽·买买提", "阿******提"),
        ("王", "王"),
        ("", ""),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(("phone", "shown"), [("13800138000", "138****8000"), ("1234567", "*******")])
def test_telephones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@given(st.text("0123456789X", min_size=3, max_size=20))
def test_a_mask_is_as_long_and_hides_the_middle(number: str) -> None:
    for shown in (mask_number(number), mask_number_for_owner(number)):
        assert len(shown) == len(number)
        assert "*" in shown
    assert mask_number(number)[1:-1] == "*" * (len(number) - 2)
