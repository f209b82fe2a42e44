"""What has to be mended before messages go a way again: raised by delivery, read by staff, operators and `doctor`.

One row a cause, however often it happens. The next message that WeChat takes on that way ends it, so nobody has to.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.storage import session, transaction
from backend.wechat.errors import Misconfigured, TokenRejected, WeChatError
from messages.models import ChannelAlarm
from messages.ways import Way

# These lie in the app's settings, not in one template.
_WHOLE_APP = (Misconfigured, TokenRejected)
_LONGEST = 40


def raise_alarm(way: Way, notice_key: str, failure: str, error: WeChatError) -> None:
    """Note, in the open transaction, that a way fails for a reason that no person on the other end can mend."""
    moment = now()
    told = {
        "notice": notice_key,
        "errcode": error.errcode,
        "field": error.field and error.field[:_LONGEST],
        "rid": error.rid,
        "last_at": moment,
    }
    cause = {
        "app_id": way.app_id,
        "channel": way.channel,
        "template_id": "" if isinstance(error, _WHOLE_APP) else way.template_id or "",
        "failure": failure,
    }
    statement = insert(ChannelAlarm).values(**cause, **told, times=1, since=moment)
    session().execute(
        statement.on_conflict_do_update(index_elements=list(cause), set_={**told, "times": ChannelAlarm.times + 1})
    )


def end_alarms(way: Way) -> None:
    """WeChat took a message that went this way: in the open transaction, what was wrong with it is over."""
    session().execute(
        sa.delete(ChannelAlarm)
        .where(
            ChannelAlarm.app_id == way.app_id,
            ChannelAlarm.channel == way.channel,
            ChannelAlarm.template_id.in_(("", way.template_id or "")),
        )
        .execution_options(synchronize_session=False)
    )


def open_alarms(limit: int = 100) -> Sequence[ChannelAlarm]:
    """What has to be mended now, the latest first."""
    with transaction() as db:
        wanted = sa.select(ChannelAlarm).order_by(ChannelAlarm.last_at.desc(), *sa.inspect(ChannelAlarm).primary_key)
        return db.scalars(wanted.limit(limit)).all()


def dismiss_alarms() -> int:
    """Forget all: an operator has mended them and no message has gone that way yet. Returns how many."""
    with transaction() as db:
        gone = sa.delete(ChannelAlarm).returning(ChannelAlarm.failure)
        return len(db.execute(gone.execution_options(synchronize_session=False)).all())
