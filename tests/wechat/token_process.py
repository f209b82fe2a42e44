"""A process that needs a token. Arguments: REDIS WECHAT KIND. Says `ready`, waits for a line, prints the token."""

from __future__ import annotations

import sys

from redis import Redis

from backend.settings import TokenKind, WeChatApp
from backend.wechat.client import WeChatClient


def main() -> None:
    redis_url, wechat_url, kind = sys.argv[1:]
    app = WeChatApp("wx0123456789abcdef", "the-secret", "AAAAA", "A" * 43, None, "security", "gh_0123456789ab")
    chosen: TokenKind = "classic" if kind == "classic" else "stable"
    client = WeChatClient(app, wechat_url, Redis.from_url(redis_url), token_kind=chosen)
    print("ready", flush=True)
    sys.stdin.readline()
    print(client.tokens.get(), flush=True)


if __name__ == "__main__":
    main()
