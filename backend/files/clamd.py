"""The virus scanner: clamd's INSTREAM command, some forty lines of its protocol.

Written here because the libraries for it, `clamd` and `pyClamd`, have had no release since 2014 and 2017.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What comes back says whether a file is clean; raises `ScannerAway`.
Scanner = Callable[[bytes], bool]

CONNECT_SECONDS = 3.0
SCAN_SECONDS = 60.0
_PIECE = 64 * 1024
_MOST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner did not say whether a file is clean; ask again later."""


def scanner_at(address: str) -> Scanner:
    """A scanner at `host:port`, or at the path of a socket of this machine."""

    def is_clean(body: bytes) -> bool:
        try:
            with _connected(address) as connection:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(body), _PIECE):
                    piece = body[start : start + _PIECE]
                    connection.sendall(len(piece).to_bytes(4, "big") + piece)
                connection.sendall(bytes(4))
                answer = _answer(connection)
        except OSError as error:
            raise ScannerAway(type(error).__name__) from None
        if answer == b"stream: OK":
            return True
        if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
            return False
        # Such as "INSTREAM size limit exceeded. ERROR": clamd's StreamMaxLength is below our 10 MB.
        raise ScannerAway(answer.decode("ascii", "replace")[:80])

    return is_clean


@contextmanager
def _connected(address: str) -> Iterator[socket.socket]:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(address)
    else:
        host, _, port = address.rpartition(":")
        connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    with connection:
        connection.settimeout(SCAN_SECONDS)
        yield connection


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MOST_ANSWER:
        got = connection.recv(_MOST_ANSWER)
        if not got:
            break
        answer += got
    return answer.rstrip(b"\0\n")
