"""What the pushes and bookings say."""

from __future__ import annotations

BEGIN = "结婚登记"
MENU = "菜单"

# Three messages that come round: ask for the service, choose the registry (a list of free days follows), leave.
CONVERSATION = ("结婚登记", "1", "取消")

GROOM, BRIDE = "张建国", "李秀英"

DISTRICT = "示例区民政局"
OFFICES = ("甲区婚姻登记处", "乙区婚姻登记处")
ADDRESS = "示例路1号"
