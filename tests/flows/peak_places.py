"""Where conversations about peak days wait, and which ways they go; parts of the tables of `test_every_step`."""

from __future__ import annotations

from datetime import date

from tests.flows.tester import COUPLE, GROOM, Chat, Edge

# A peak day is announced; its places are asked for at this moment; the couple has asked; two of them.
PEAK, PEAK_OPEN, ASKED, PEAKS = "?peak", "?peak open", "?asked", "?peaks"

PEAK_PLACES: dict[tuple[str, str], tuple[tuple[str, ...], list[str], str, str]] = {
    ("marriage.book", "peak"): ((), [PEAK, "结婚登记", "1", "12月16日"], "请回复前面的数字，1到3", "day"),
    ("marriage.book", "rush_part"): (
        (),
        [PEAK_OPEN, "结婚登记", "1", "12月16日", "1"],
        "都行回1，上午回2，下午回3",
        "peak",
    ),
    ("marriage.book", "rush_parties"): (
        (),
        [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1"],
        "请发姓名和身份证号",
        "rush_part",
    ),
    ("marriage.book", "rush_sure"): (
        (),
        [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1", COUPLE],
        "都对请回1，要改信息回2，不登记了回3",
        "rush_parties",
    ),
    ("marriage.rush", "standing"): ((), [ASKED, "我的摇号"], "退出请回前面的数字", "standing"),
    ("marriage.rush", "which"): ((), [PEAKS, "抢约"], "请回复日子前面的数字", "which"),
    ("marriage.rush", "peak"): ((), [PEAKS, "抢约", "2"], "请回复前面的数字，1到3", "which"),
    ("marriage.rush", "rush_part"): ((), [PEAKS, "抢约", "1", "1"], "都行回1，上午回2，下午回3", "peak"),
    ("marriage.rush", "rush_parties"): ((), [PEAKS, "抢约", "1", "1", "1"], "请发姓名和身份证号", "rush_part"),
    ("marriage.rush", "rush_sure"): (
        (),
        [PEAKS, "抢约", "1", "1", "1", COUPLE],
        "都对请回1，要改信息回2，不登记了回3",
        "rush_parties",
    ),
}

PEAK_WAYS: dict[Edge, list[str]] = {
    ("marriage.book", "day", "peak"): [PEAK, "结婚登记", "1", "12月16日"],
    ("marriage.book", "peak", "day"): [PEAK, "结婚登记", "1", "12月16日", "2"],
    ("marriage.book", "peak", "rush_part"): [PEAK_OPEN, "结婚登记", "1", "12月16日", "1"],
    ("marriage.book", "rush_part", "rush_parties"): [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1"],
    ("marriage.book", "rush_parties", "rush_parties"): [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1", GROOM],
    ("marriage.book", "rush_parties", "rush_sure"): [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1", COUPLE],
    ("marriage.book", "rush_sure", "rush_parties"): [PEAK_OPEN, "结婚登记", "1", "12月16日", "1", "1", COUPLE, "2"],
    ("marriage.rush", "begin", "standing"): [ASKED, "我的摇号"],
    ("marriage.rush", "begin", "which"): [PEAKS, "抢约"],
    ("marriage.rush", "standing", "which"): [ASKED, "我的摇号", "2"],
    ("marriage.rush", "which", "peak"): [PEAKS, "抢约", "1"],
    ("marriage.rush", "peak", "rush_part"): [PEAKS, "抢约", "1", "1"],
    ("marriage.rush", "rush_part", "rush_parties"): [PEAKS, "抢约", "1", "1", "1"],
    ("marriage.rush", "rush_parties", "rush_parties"): [PEAKS, "抢约", "1", "1", "1", GROOM],
    ("marriage.rush", "rush_parties", "rush_sure"): [PEAKS, "抢约", "1", "1", "1", COUPLE],
    ("marriage.rush", "rush_sure", "rush_parties"): [PEAKS, "抢约", "1", "1", "1", COUPLE, "2"],
}


def makes_peak(chat: Chat, line: str) -> bool:
    """Whether a line means one of these; then it is so."""
    if line not in (PEAK, PEAK_OPEN, ASKED, PEAKS):
        return False
    chat.rushes.announces(is_open=line != PEAK)
    if line == PEAKS:
        chat.rushes.announces(date(2026, 12, 25), is_open=True)
    if line == ASKED:
        chat.rushes.has()
    return True
