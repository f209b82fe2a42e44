"""Somebody withdrew an authorization in WeChat, or closed their account there: the duty to delete begins (PIPL 47).

A request to delete is taken in for them, with the legal clock, and waits on the officers' list like any other. Nothing
is erased at once: WeChat's event proves neither who they are nor that nothing of theirs is under way.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from backend.chat import texts
from backend.kernel.actors import SYSTEM
from backend.kernel.errors import AppError
from backend.people.models import WeChatIdentity
from backend.people.rights.requests import ask
from backend.people.rights.rules import RequestKind, Via
from backend.storage import session
from backend.wechat.reports import AuthorizationChanged

log = logging.getLogger(__name__)


def note_withdrawal(app_id: str, message: AuthorizationChanged) -> None:
    """Begin the duty in the open transaction; once while a request of the person's stands open."""
    log.info("authorization_changed", extra={"change": message.change, "items": len(message.items)})
    if message.change == "modified":
        return  # nickname and picture, of which nothing is kept
    wanted = sa.select(WeChatIdentity.person_id).where(
        WeChatIdentity.app_id == app_id, WeChatIdentity.openid == message.openid
    )
    person_id = session().scalar(wanted)
    if person_id is None:
        return
    words = texts.WITHDREW_ALL
    if message.change == "revoked" and message.items:
        named = [texts.WITHDRAWN_ITEMS.get(item, item) for item in message.items]
        words = texts.WITHDREW.format(items=texts.AND.join(named)[: texts.MOST_NAMED])
    try:
        ask(person_id, RequestKind.DELETE, words, Via.API, SYSTEM)
    except AppError as refusal:
        # One stands open already; its officer looks at everything.
        log.info("withdrawal_joined", extra={"code": refusal.code})
