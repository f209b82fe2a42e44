"""`python -m sandbox`: one process, a thread per connection, a clean end on SIGINT and SIGTERM.

werkzeug's threaded server rather than granian: granian forks workers, and the state lives in this one process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import cast

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.config import ConfigError, read_config
from sandbox.world import World


class QuietHandler(WSGIRequestHandler):
    """The page polls every second; a line for each request would bury the one that matters."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal on the page has it all."""


def main() -> int:
    """Serve until asked to stop. Exit code 2 for a bad setting, 1 for a taken port."""
    try:
        config = read_config()
    except ConfigError as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201
        return 2
    app = create_app(config)
    world: World = app.extensions["sandbox"]
    try:
        server = make_server(config.host, config.port, app, threaded=True, request_handler=QuietHandler)
    except SystemExit:
        # werkzeug has already said that the address is in use.
        return 1
    # Polling pages keep connections open; they must not hold up the end.
    cast(ThreadedWSGIServer, server).daemon_threads = True

    def stop() -> None:
        # shutdown() waits for the serving loop, so it must not run on the thread that serves.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
    _stop_with_parent(stop)
    print(f"sandbox: http://{config.host}:{config.port}/", flush=True)  # noqa: T201
    server.serve_forever()
    server.server_close()
    world.close()
    return 0


def _stop_with_parent(stop: Callable[[], None]) -> None:
    """With SANDBOX_PARENT_PID set, end once that process is no longer our parent: a killed starter leaves nothing."""
    parent = os.environ.get("SANDBOX_PARENT_PID", "")
    if not parent.isdecimal():
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1)
        stop()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


if __name__ == "__main__":
    raise SystemExit(main())
