"""Headings and sentences of the resident web pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A page that says one thing: a heading, what to do next, and the words of the button, if there is one."""

    title: str
    text: str
    button: str = ""


PRIVACY_TITLE = "您的个人信息"
MY_PAGE = "我的预约和通知"
REMINDERS = "让微信提醒我"
NOT_OUR_PAGE = "只能为本页打开微信的按钮，请从“我的预约和通知”进入。"
REMINDERS_AWAY = "暂时连不上微信，请过一会儿再试。"
CODE_LABEL = "到窗口出示的码"

SNAPSHOT = Said(
    "请点“使用完整服务”", "您现在看到的是微信的预览页。请点页面下方的“使用完整服务”，就能看到您的预约和通知。"
)
LOGIN_AGAIN = Said("请再打开一次", "这次打开隔得有点久，或是从别处转来的链接。点下面的按钮重新打开就好。", "重新打开")
LOGIN_DECLINED = Said(
    "没有打开", "您没有同意微信的授权，所以看不到预约和通知。想看的话，请点下面的按钮再来一次。", "再来一次"
)
LOGIN_BLOCKED = Said(
    "暂时打不开", "微信暂时限制了这个账号，不是您在这里的操作有误。请过一天再试；急事可以打电话，或到窗口办。"
)
LOGIN_AT_COUNTER = Said("请到窗口核对一下", "您的信息需要当面核对一下。请带上证件到就近的窗口，工作人员会帮您办好。")
LOGIN_AWAY = Said("暂时连不上微信", "不是您的问题，请过一会儿再试。急事可以打电话，或到窗口办。", "再试一次")
SIGNED_OUT = Said(
    "已经退出",
    "如果刚才看到的不是您的预约，请在服务号里回复“人工”，或带身份证到就近的窗口，我们帮您分开。",
    "再看我的预约",
)
