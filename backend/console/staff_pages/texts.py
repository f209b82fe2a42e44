"""Sentences of the pages on people and powers."""

from __future__ import annotations

from backend.staff.directory import AccountState
from backend.staff.models import ApprovalState

NAV_STAFF = "人员与权限"
NAV_LEAVE = "请假与代班"
NAV_APPROVALS = "审批"
NAV_MY_LEAVE = "我的请假"

STATES = {
    AccountState.AT_WORK: "在岗",
    AccountState.ABSENT: "请假",
    AccountState.LOCKED: "已锁定",
    AccountState.INACTIVE: "已停用",
}
APPROVAL_STATES = {
    ApprovalState.PENDING: "等待审批",
    ApprovalState.APPROVED: "已同意",
    ApprovalState.DECLINED: "不同意",
    ApprovalState.WITHDRAWN: "已撤回",
    ApprovalState.EXPIRED: "超时失效",
}

BAD_CHOICE = "没有这个选项，请从列表里选。"
BAD_DAY = "日期应写成 2026-05-20 这样，请重新选一个日期。"

NODE_ADDED = "已添加“{name}”。"
NODE_RENAMED = "已改名为“{name}”。"
NODE_MOVED = "“{name}”已移到新的上级下面。"
NODE_CLOSED = "“{name}”已撤销，以前的记录仍可查到。"
ROLE_GIVEN = "已授予。"
ROLE_ENDED = "已收回。"
LEAVE_TAKEN = "请假已登记。"
LEAVE_TAKEN_WITH_STAND_IN = "请假已登记，那几天由代班同事办理。"
LEAVE_ENDED = "已销假，代班同时结束。"
HOME_MOVED = "所在单位已改为{place}。"
DEACTIVATED = "账号已停用：登录、角色、代班和未处理的申请都已结束。"
UNLOCKED = "已解锁，现在就能再试。已告诉本人。"
SECOND_FACTOR_ASKED = "已提出申请，另一位同事同意后关闭。在“审批”里可以看到。"
WECHAT_UNBOUND = "已解绑微信，所有登录已退出。已告诉本人。"
SESSIONS_ENDED = "已退出所有登录。已告诉本人。"
APPROVED = "已同意，正在办理。"
DECLINED = "已记为不同意，申请人会看到您写的理由。"
WITHDRAWN = "申请已撤回。"

MATTER_APPROVAL = "审批"
MATTER_COLLEAGUE = "同事"
