"""The client of WeChat's API for one app; its endpoints stand in one module per group.

Each method names its endpoint and returns what the caller needs of the answer. All raise the classes of `errors`.
"""

from __future__ import annotations

from backend.wechat.approved import ApprovedTemplate, ApprovedTemplates
from backend.wechat.codes import Codes, QrCode
from backend.wechat.diagnosis import Diagnosis
from backend.wechat.media import Media
from backend.wechat.menu import Menus
from backend.wechat.messages import Messages, MiniProgramState
from backend.wechat.mini_login import MiniLogin, MiniProgramSession, PhoneNumber
from backend.wechat.security import Security
from backend.wechat.tickets import Tickets

__all__ = [
    "ApprovedTemplate",
    "MiniProgramSession",
    "MiniProgramState",
    "PhoneNumber",
    "QrCode",
    "WeChatClient",
]


class WeChatClient(Messages, ApprovedTemplates, Menus, Codes, Media, Security, MiniLogin, Diagnosis, Tickets):
    """One app's API. Safe to share between threads; make it after a fork. `base_url` has no trailing slash."""
