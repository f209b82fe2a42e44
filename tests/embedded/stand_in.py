"""Small programs that the supervisor's tests keep running in place of the product's.

stand_in.py serve PORT          answers every GET with 200
stand_in.py wait                does nothing until SIGTERM
stand_in.py stubborn            does not listen to SIGTERM
stand_in.py fail-first FILE     ends with exit code 3 unless FILE exists, which it then makes
stand_in.py db upgrade          any other word: prints it and ends
"""

from __future__ import annotations

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    """Says yes to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main(mode: str, *arguments: str) -> int:
    if mode == "serve":
        ThreadingHTTPServer(("127.0.0.1", int(arguments[0])), Answer).serve_forever()
    elif mode == "wait":
        signal.pause()
    elif mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True)
        while True:
            signal.pause()
    elif mode == "fail-first":
        if not Path(arguments[0]).exists():
            Path(arguments[0]).touch()
            return 3
        signal.pause()
    else:
        print("did", mode, *arguments, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
