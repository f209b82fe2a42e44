"""The rows of the table: what each round of each row puts on which server."""

from __future__ import annotations

import itertools
import statistics
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from bench import bare, texts
from bench.bookings import BookingMaker, Target, bare_bookings
from bench.data import Prepared
from bench.load import Load, Measured, drive, post
from bench.programs import WORKERS
from bench.pushes import PushMaker, Sentence, conversations, everyone_says
from bench.statements import BOOK, TURN

ROUND_SECONDS = 3.5
ROUNDS = 3
WARM_UP_SECONDS = 1.5
BEGIN_SECONDS = 60.0

# More than any round gets through on the machines seen so far; a faster one ends its rounds early, which is no harm.
PUSHES_A_ROUND = 14_000
BOOKINGS_A_ROUND = 7_000
_BARE_A_ROUND = 16_000

Round = Callable[[int, float], Measured]  # number of the round, seconds; round 0 warms up


@dataclass
class Row:
    """One line of the table. `ratios`: (name of another row, least wanted ratio to it or None)."""

    name: str
    run: Round
    ratios: Sequence[tuple[str, float | None]] = ()
    slowest_p99: float | None = None
    rounds: list[Measured] = field(default_factory=list)

    @property
    def throughput(self) -> float:
        """Answers per second, the median of the rounds."""
        return statistics.median(len(measured.latencies) / measured.seconds for measured in self.rounds)

    def percentile(self, share: float) -> float:
        """The latency in ms that `share` of the answers did not exceed, the median of the rounds."""
        return statistics.median(percentile(measured.latencies, share) for measured in self.rounds)

    def statuses(self) -> dict[int, int]:
        """How many answers had which status, in all rounds."""
        return {status: sum(m.statuses[status] for m in self.rounds) for m in self.rounds for status in m.statuses}


def percentile(latencies: Sequence[float], share: float) -> float:
    """The latency in ms that `share` of the answers did not exceed."""
    return sorted(latencies)[min(len(latencies) - 1, int(len(latencies) * share))]


@dataclass(frozen=True)
class Bench:
    """Everything a row needs: the driver's processes, the servers' ports, the makers of requests, the data."""

    drivers: ProcessPoolExecutor
    ports: dict[str, int]
    database: str
    pushes: PushMaker
    bookings: BookingMaker
    followers: Sequence[str]
    talkers: Sequence[str]
    prepared: Prepared

    def drive(self, load: Load) -> Measured:
        """Let the driver's process put a load on a server."""
        return self.drivers.submit(drive, load).result()

    def ceiling(self, server: str) -> Round:
        """An empty answer to an empty request."""
        load = [post("/", b"")]
        return lambda _round, seconds: self.drive(Load(self.ports[server], load, seconds, repeat=True))

    def pushed(self, server: str, sentences: Callable[[int], Iterable[Sentence]]) -> Round:
        """Pushes; `sentences` are those of a round."""

        def run(number: int, seconds: float) -> Measured:
            # The warm-up goes on until everybody has said their sentence, however long that takes.
            longest = seconds if number else BEGIN_SECONDS
            return self.drive(Load(self.ports[server], self.pushes.requests(sentences(number)), longest))

        return run

    def booked(self, target: Target) -> Round:
        """Bookings by the product."""

        def run(_round: int, seconds: float) -> Measured:
            count = BOOKINGS_A_ROUND if seconds > WARM_UP_SECONDS else BOOKINGS_A_ROUND // 3
            return self.drive(Load(self.ports["product"], self.bookings.requests(target, count), seconds))

        return run

    def bare_booked(self, target: Target) -> Round:
        """Bookings by the view with a single statement."""

        def run(_round: int, seconds: float) -> Measured:
            requests = self.bookings.bare_requests(target, _BARE_A_ROUND)
            return self.drive(Load(self.ports["single_statement"], requests, seconds))

        return run

    def sql(self, statement: str, values: Callable[[], Iterable[dict[str, object]]]) -> Round:
        """A statement without HTTP, in as many processes and threads as a server has."""

        def run(_round: int, seconds: float) -> Measured:
            share = _BARE_A_ROUND // WORKERS
            loads = [
                bare.Bare(self.database, statement, list(itertools.islice(values(), share)), seconds)
                for _ in range(WORKERS)
            ]
            done = list(self.drivers.map(bare.run, loads))
            latencies = [latency for measured in done for latency in measured.latencies]
            return Measured(max(measured.seconds for measured in done), latencies)

        return run

    def turns(self) -> Iterable[dict[str, object]]:
        """Values for the bare callback: as much text as a sealed state and a sealed reply have."""
        for openid in itertools.cycle(self.followers):
            yield {"key": str(uuid.uuid4()), "reply": "r" * 500, "openid": openid, "state": "s" * 200}

    def rows(self) -> list[Row]:
        """All rows, in the order of the table, which is also the order they run in within a round."""
        spread, hot = self.prepared.spread, self.prepared.hot
        return [
            Row("raw WSGI", self.ceiling("raw_wsgi")),
            Row("empty Flask view", self.ceiling("empty_view")),
            Row("callback: bare SQL", self.sql(TURN, self.turns)),
            Row("callback: WeRoBot", self.pushed("werobot", self._menu)),
            Row("callback: WeRoBot de-duplicated", self.pushed("werobot_once", self._menu)),
            Row(
                "callback: ours, menu",
                self.pushed("product", self._menu),
                [
                    ("callback: WeRoBot", 1.5),
                    ("callback: WeRoBot de-duplicated", None),
                    ("empty Flask view", None),
                    ("callback: bare SQL", None),
                ],
                slowest_p99=100,
            ),
            Row(
                "callback: ours, booking talk",
                self.pushed("product", self._talk),
                [("callback: WeRoBot", None), ("empty Flask view", None)],
                slowest_p99=100,
            ),
            *self._booking_rows("50 slots", spread),
            *self._booking_rows("one slot", hot),
        ]

    def _booking_rows(self, where: str, target: Target) -> list[Row]:
        sql, view = f"booking, {where}: bare SQL", f"booking, {where}: one-statement view"
        return [
            Row(sql, self.sql(BOOK, lambda: bare_bookings(target))),
            Row(view, self.bare_booked(target), [(sql, None)]),
            Row(
                f"booking, {where}: ours",
                self.booked(target),
                [(view, 0.4), ("empty Flask view", None), (sql, None)],
            ),
        ]

    def _menu(self, number: int) -> Iterable[Sentence]:
        # The warm-up begins a conversation with every follower, so that there is a state to load and to keep.
        text = texts.MENU if number else texts.BEGIN
        return everyone_says(self.followers, text, PUSHES_A_ROUND if number else len(self.followers))

    def _talk(self, number: int) -> Iterable[Sentence]:
        count = PUSHES_A_ROUND if number else len(self.talkers)
        return conversations(self.talkers, texts.CONVERSATION, number, count)
