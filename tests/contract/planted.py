"""Known values that are given to the product, so that it can be seen where they turn up."""

from __future__ import annotations

from datetime import date

from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.concurrency.support import identity_number

# Nobody in the demonstration is called so.
GROOM, BRIDE = "司徒春生", "慕容雪莲"
GROOM_NUMBER, BRIDE_NUMBER = identity_number(date(1997, 5, 17), 311), identity_number(date(1998, 9, 2), 312)
GROOM_PHONE, BRIDE_PHONE = "13800138311", "13800138312"
PLANTED: dict[str, set[str]] = {
    "name": {GROOM, BRIDE},
    "number": {GROOM_NUMBER, BRIDE_NUMBER},
    "phone": {GROOM_PHONE, BRIDE_PHONE},
    "password": {DEMONSTRATION_PASSWORD},
}
# What is written into forms, by the name of the field; the first time the first, and so on.
ANSWERS = {
    r"^q$": [GROOM, GROOM_NUMBER, GROOM_PHONE, GROOM_PHONE[-4:], "王桂英"],
    r"phone": [GROOM_PHONE, BRIDE_PHONE],
    r"number": [GROOM_NUMBER, BRIDE_NUMBER],
    r"name": [GROOM, BRIDE],
    r"password|current|new|again": [DEMONSTRATION_PASSWORD],
    r"reason|words|note|evidence": ["窗口核对材料时需要"],
    r"code": ["123456"],
    r"": ["3"],
}
# What would end the drive, and forms whose name is that of a place: the tests of their rooms try them.
LEFT_ALONE = {"console.sign_out_form", "entry.password_form", "staff_desk.place_add", "staff_desk.place_rename"}
