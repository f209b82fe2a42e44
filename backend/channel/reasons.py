"""WeChat's refusals in a sentence that says what to do next."""

from __future__ import annotations

from backend.channel.texts import REASONS, REASONS_BY_CODE
from backend.wechat.errors import WeChatError


def reason_of(error: WeChatError, prefix: str) -> str:
    """What an operator does about an error; `prefix` is that of the app's settings, such as `WECHAT_ACCOUNT`."""
    text = REASONS_BY_CODE.get(error.errcode or 0) or next(
        REASONS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in REASONS
    )
    return text.format(prefix=prefix, code=error.errcode or type(error).__name__)
