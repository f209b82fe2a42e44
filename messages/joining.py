"""Two recipients turned out to be one: what is due to either, and every way to reach either, belongs to one."""

from __future__ import annotations

import logging
import uuid

import sqlalchemy as sa

from backend.storage import atomic, broken_constraint, run
from messages.models import ONE_AT_A_TIME

log = logging.getLogger(__name__)

# Reminders before messages: one that becomes a message meanwhile is found among the messages.
_STEPS = tuple(
    sa.text(step)
    for step in (
        # Both were to be told the same of the same subject: once is enough.
        """
        DELETE FROM reminders AS twin WHERE recipient_id = :joined_id AND EXISTS (
            SELECT 1 FROM reminders AS kept
            WHERE kept.recipient_id = :recipient_id AND kept.subject_kind = twin.subject_kind
              AND kept.subject_id = twin.subject_id AND kept.notice = twin.notice
        )
        """,
        "UPDATE reminders SET recipient_id = :recipient_id WHERE recipient_id = :joined_id",
        """
        UPDATE outbox_messages SET recipient_id = :recipient_id
        WHERE recipient_id = :joined_id AND state <> 'sending'
        """,
        "UPDATE message_addresses SET recipient_id = :recipient_id WHERE recipient_id = :joined_id",
        """
        INSERT INTO reminder_refusals (recipient_id, at)
        SELECT :recipient_id, at FROM reminder_refusals WHERE recipient_id = :joined_id ON CONFLICT DO NOTHING
        """,
        "DELETE FROM reminder_refusals WHERE recipient_id = :joined_id",
    )
)
_ON_ITS_WAY = sa.text(
    "UPDATE outbox_messages SET recipient_id = :recipient_id WHERE recipient_id = :joined_id AND state = 'sending'"
)


def join_recipients(joined_id: uuid.UUID, recipient_id: uuid.UUID) -> None:
    """Give `recipient_id` the addresses, agreements, messages and reminders of `joined_id`, in the open transaction.

    Agreements hang on their addresses. May be run again, for what came under the old id meanwhile.
    """
    values = {"joined_id": joined_id, "recipient_id": recipient_id}
    for step in _STEPS:
        run(step, values)
    try:
        with atomic():
            run(_ON_ITS_WAY, values)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != ONE_AT_A_TIME:
            raise
        # Messages to both are on their way this moment (43108). This one keeps the old id until the next round; it is
        # sent to the address it was claimed for whatever the recipient is called.
        log.info("join_later recipient=%s", recipient_id)
