"""The load driver: keep-alive connections that each send the next request as soon as they have their answer.

It runs in a process of its own, sends bytes made beforehand and looks at as little of an answer as it can, so that it
takes little of the processors it shares with the server. The row "raw WSGI" shows what it can drive.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

HOST = "127.0.0.1"
_ANSWER_SECONDS = 20.0  # the server gives up long before


@dataclass(frozen=True)
class Load:
    """What to send where. With `repeat` the requests come round; without it the round ends when all have been sent."""

    port: int
    requests: Sequence[bytes]
    seconds: float
    connections: int = 32
    repeat: bool = False


@dataclass
class Measured:
    """What came back: `seconds` from the first request to the last answer, one latency in ms per answer."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    sample: bytes = b""  # the body of the last answer, to be looked at


def drive(load: Load) -> Measured:
    """Put `load` on a server and measure. Raises `OSError` when it breaks a connection or stops answering."""
    measured = Measured()
    waiting: Iterator[bytes] = cycle(load.requests) if load.repeat else iter(load.requests)
    with selectors.DefaultSelector() as selector:
        for _ in range(load.connections):
            _Connection(load.port, selector).send(next(waiting))
        began = time.perf_counter()
        end = began + load.seconds
        while selector.get_map():
            ready = selector.select(_ANSWER_SECONDS)
            if not ready:
                raise TimeoutError("the server does not answer")
            for key, _ in ready:
                connection: _Connection = key.data
                if not connection.receive(measured):
                    continue
                request = next(waiting, None) if time.perf_counter() < end else None
                if request is None:
                    connection.close()
                else:
                    connection.send(request)
        measured.seconds = time.perf_counter() - began
    return measured


class _Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selector
        self._received = b""
        self._sent_at = 0.0
        selector.register(self._socket, selectors.EVENT_READ, self)

    def send(self, request: bytes) -> None:
        self._sent_at = time.perf_counter()
        self._socket.sendall(request)

    def receive(self, measured: Measured) -> bool:
        """Take what has come; True when the answer is whole."""
        arrived = self._socket.recv(65536)
        if not arrived:
            raise ConnectionError("the server closed a connection")
        self._received += arrived
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap or len(body) < _length(head):
            return False
        measured.latencies.append((time.perf_counter() - self._sent_at) * 1000)
        measured.statuses[int(head[9:12])] += 1
        measured.sample = body
        self._received = b""
        return True

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(b"content-length:") + len(b"content-length:")  # a server here that sends none is a mistake
    end = lowered.find(b"\r\n", start)
    return int(lowered[start : end if end >= 0 else None])


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """The bytes of one POST; `headers` are whole lines, each with its line end."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body
