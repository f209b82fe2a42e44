"""Passive replies (被动回复): the XML that answers a push inside its five seconds (wechat-protocol §1.5)."""

from __future__ import annotations

import re

from wechatpy.replies import BaseReply, TextReply, TransferCustomerServiceReply

from backend.kernel.clock import now
from backend.wechat.inbound import Inbound
from backend.wechat.reading import read_xml

MAX_TEXT_BYTES = 2048

_ILLEGAL_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_reply(inbound: Inbound, text: str) -> str:
    """A text reply, cut to 2048 bytes of UTF-8 at a character border.

    Raises ValueError for a text with nothing in it: then the answer is `success`, not an XML with empty Content (§1.6).
    """
    legal = _ILLEGAL_IN_XML.sub("", text)
    content = legal.encode()[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
    if not content.strip():
        raise ValueError("a text reply needs a text")
    # wechatpy puts the text between CDATA marks as it is, so `]]>` would break out of them (§8.1 no. 7).
    return _rendered(TextReply, inbound, content=content.replace("]]>", "]]]]><![CDATA[>"))


def said_in(reply_xml: str) -> str | None:
    """The text of a reply made by `text_reply`; None for any other."""
    content = read_xml(reply_xml.encode()).get("Content")
    return content if isinstance(content, str) and content else None


def handover_reply(inbound: Inbound) -> str:
    """Hands the conversation over to the human customer service (transfer_customer_service)."""
    return _rendered(TransferCustomerServiceReply, inbound)


def _rendered(kind: type[BaseReply], inbound: Inbound, **fields: str) -> str:
    # The time is given: wechatpy's default is a float, and of the moment it was imported.
    reply = kind(source=inbound.to, target=inbound.sender, time=int(now().timestamp()), **fields)
    return str(reply.render())
