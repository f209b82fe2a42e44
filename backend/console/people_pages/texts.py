"""Sentences and names of the pages about persons."""

from __future__ import annotations

from backend.kernel.identity import Sex
from backend.people.rules import Level, ProofMethod

PERSONS = "人员"
VERIFY = "证件核验"
MATTER = "人员"
SUBJECT = "居民（证件尾号 {last4}）"
SUBJECT_UNKNOWN = "居民（未核验）"

LEVEL_NAMES = {
    Level.BROWSE: "未实名",
    Level.PHONE: "已留手机",
    Level.VERIFIED: "已实名",
    Level.FRESH: "刚核验",
}
METHOD_NAMES = {ProofMethod.SERVICE: "网上核验", ProofMethod.STAFF: "窗口核验"}
SEX_NAMES = {Sex.MALE: "男", Sex.FEMALE: "女"}

VERIFIED = "核验好了：{name}。"
VERIFIED_AND_BOUND = "核验好了：{name}，微信已经绑定。"
VERIFIED_ELSEWHERE = "核验好了。这位居民属于别的社区，资料由那边的工作人员查看。"
RENAMED = "姓名和原来登记的不同，已按这次核对的证件更新。"
NO_PAPER = "请选择证件类型。"
BAD_COMMUNITY = "请从列表里选一个社区。"
