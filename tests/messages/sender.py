"""A process that delivers what is due through the real client. Arguments: DATABASE REDIS WECHAT MOMENT."""

from __future__ import annotations

import sys
from datetime import datetime

from redis import Redis

from backend.kernel.clock import MovableClock, use_clock
from backend.settings import WeChatApp
from backend.storage import Database, use_database
from backend.wechat.client import WeChatClient
from messages.delivery import deliver_due
from tests.messages.support import ACCOUNT_APP, MINI_APP


def real_clients(wechat_url: str, redis_url: str) -> dict[str, WeChatClient]:
    return {
        app_id: WeChatClient(
            WeChatApp(app_id, "secret", "token", "A" * 43, None, "security", "gh_0123456789ab"),
            wechat_url,
            Redis.from_url(redis_url),
        )
        for app_id in (ACCOUNT_APP, MINI_APP)
    }


def main() -> None:
    database_url, redis_url, wechat_url, moment = sys.argv[1:]
    use_database(Database(database_url))
    use_clock(MovableClock(datetime.fromisoformat(moment)))
    deliver_due(real_clients(wechat_url, redis_url))


if __name__ == "__main__":
    main()
