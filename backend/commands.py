"""`flask --app wsgi …`: what an operator runs (contract.md "Commands")."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
from alembic import command as alembic
from alembic.config import Config
from flask import Flask, current_app
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from backend import models, texts
from backend.calendar.legal_days import import_year, year_from_file, year_from_library
from backend.channel.commands import wechat_cli
from backend.demonstration.load import load_demonstration, sign_in_lines
from backend.doctor import examine
from backend.jobs.tick import run_tick
from backend.jobs.worker import run_worker
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.staff.audit.cli import audit_cli
from backend.staff.cli import staff_cli
from backend.storage import key_ring
from backend.storage.census import Marks, take_census, unused_keys
from backend.storage.index_keys import IndexKeysDiffer, StillInUse, claim_index_keys, reindex
from backend.storage.rotation import BATCH, Outcome, Progress, Rotation
from backend.tick_tasks import room_tasks

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar  # click offers its type nowhere else


log = logging.getLogger(__name__)

# Every table must be known before the sealed columns are looked for; the product itself imports only what it uses.
_TABLES = models


def register_commands(app: Flask) -> None:
    """Add every command to the application's command line."""
    for group in (db_cli, demo_cli, calendar_cli, keys_cli, staff_cli, audit_cli, wechat_cli, worker, tick, doctor):
        app.cli.add_command(group)


db_cli = click.Group("db", help="The database's shape.")


def migrations() -> Config:
    """Alembic's configuration; the engine comes from the application."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return config


@db_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to a revision, the newest unless told."""
    alembic.upgrade(migrations(), revision)


@db_cli.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Bring the database back to a revision; `base` empties it."""
    alembic.downgrade(migrations(), revision)


@db_cli.command("check")
def check() -> None:
    """Fail when the tables and the models differ."""
    alembic.check(migrations())


demo_cli = click.Group("demo", help="The demonstration bureau.")


@demo_cli.command("load")
def load() -> None:
    """Load demonstration data; what is there already stays."""
    if not current_app.extensions["settings"].demonstration:
        raise click.ClickException(texts.DEMO_IN_PRODUCTION)
    _require_fitting_keys()
    load_demonstration(current_app.extensions["settings"])


@demo_cli.command("sign-ins")
def sign_ins() -> None:
    """Print the demonstration accounts."""
    for line in sign_in_lines():
        click.echo(line)


calendar_cli = click.Group("calendar", help="The legal day table.")


@calendar_cli.command("import")
@click.argument("year", type=int, default=lambda: today().year)
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV: day,kind")
def import_calendar(year: int, file: Path | None) -> None:
    """Load the State Council's notice of a year, from a file or from the calendar library."""
    try:
        days = year_from_file(file) if file else year_from_library(year)
        import_year(year, days, file.name if file else "chinesecalendar")
    except AppError as refusal:
        raise click.ClickException(refusal.user_text) from None
    click.echo(texts.CALENDAR_IMPORTED.format(year=year, count=len(days)))


keys_cli = click.Group("keys", help="Keys of personal data.")


_LINE_EVERY = 10.0  # seconds between two lines where there is no terminal
_INTERRUPTED = 130  # as shells report Ctrl-C


@keys_cli.command("rotate")
@click.option("--batch", type=click.IntRange(1, 5000), default=BATCH, help="Rows in one transaction.")
def rotate(batch: int) -> None:
    """Seal everything anew with the first key of FIELD_KEYS and with FIELD_CIPHER; safe to interrupt and to repeat."""
    rotation = Rotation(batch)
    try:
        _show(rotation.run())
    except KeyboardInterrupt:
        click.echo(f"\n{texts.KEYS_INTERRUPTED}")
        raise click.exceptions.Exit(_INTERRUPTED) from None
    outcome = rotation.outcome()
    _report(outcome)
    if not outcome.whole:
        raise click.exceptions.Exit(1)


@keys_cli.command("status")
def status() -> None:
    """Count sealed values by column, key and cipher, and name the keys that nothing needs."""
    census, ring = take_census(), key_ring()
    click.echo(texts.KEYS_CURRENT.format(**ring.current._asdict()))
    for column, marks in census.items():
        click.echo(f"{column.table.name}.{column.name}：{_counted(marks)}")
    _name_unused(unused_keys(census, ring))


@keys_cli.command("reindex")
def reindex_all() -> None:
    """Make every blind index anew with the keys put in front of BLIND_INDEX_KEY; while nothing else runs."""
    done = 0
    try:
        for column in reindex():
            done += column.count
            click.echo(texts.INDEX_PROGRESS.format(column=column.column, count=column.count))
        claim_index_keys()
    except StillInUse as busy:
        raise click.ClickException(texts.INDEX_IN_USE.format(count=busy.count)) from None
    except IndexKeysDiffer as differ:
        raise click.ClickException(texts.INDEX_FAULTS[differ.fault]) from None
    except ProgrammingError:  # the mark's table is not there
        raise click.ClickException(f"{texts.MIGRATIONS}{texts.MIGRATIONS_BEHIND}") from None
    click.echo(texts.INDEX_DONE.format(count=done))


def _require_fitting_keys() -> None:
    """Stop before work begins with keys that do not fit the database; one that is away is asked again by the work."""
    try:
        claim_index_keys()
    except IndexKeysDiffer as differ:
        raise click.ClickException(texts.INDEX_FAULTS[differ.fault]) from None
    except SQLAlchemyError as away:
        log.warning("index_keys_not_checked", extra={"kind": type(away).__name__})


def _counted(marks: Marks) -> str:
    """One column's values by key and cipher, the most first; what is no sealed value is called so."""
    known = [
        texts.KEYS_COUNT.format(**mark._asdict(), count=count)
        if mark.key_id in key_ring().key_ids
        else texts.KEYS_COUNT_WITHOUT_KEY.format(**mark._asdict(), count=count)
        for mark, count in marks.most_common()
        if mark
    ]
    foreign = [texts.KEYS_FOREIGN.format(count=marks[None])] if marks[None] else []
    return "，".join(known + foreign) or texts.KEYS_EMPTY


def _show(steps: Iterator[Progress]) -> None:
    """A bar on a terminal, else a line now and then; both with counts, rate and time left."""
    first = next(steps, None)
    if first is None:
        return
    began = time.monotonic()
    if sys.stdout.isatty():
        _show_bar(first, steps, began)
    else:
        _show_lines(first, steps, began)


def _show_bar(first: Progress, steps: Iterator[Progress], began: float) -> None:
    def pace(step: Progress | None) -> str | None:
        return _pace(texts.KEYS_PACE, step, began) if step else None

    bar: ProgressBar[Progress | None]
    with click.progressbar(length=first.total, show_pos=True, show_eta=False, item_show_func=pace) as bar:
        for step in chain([first], steps):
            bar.update(step.done - bar.pos, step)


def _show_lines(first: Progress, steps: Iterator[Progress], began: float) -> None:
    step, told = first, began
    for following in steps:
        if following.table != step.table or time.monotonic() - told >= _LINE_EVERY:
            click.echo(_pace(texts.KEYS_PROGRESS, step, began))
            told = time.monotonic()
        step = following
    click.echo(_pace(texts.KEYS_PROGRESS, step, began))


def _pace(text: str, step: Progress, began: float) -> str:
    """`text` with counts, values a second so far, and the seconds left at that rate."""
    rate = step.done / max(time.monotonic() - began, 0.001)
    seconds = round(max(step.total - step.done, 0) / rate) if rate else 0
    return text.format(**asdict(step), rate=round(rate), seconds=seconds)


def _report(outcome: Outcome) -> None:
    """What a run came to, and what to do next."""
    for column, count in outcome.unreadable.items():
        click.echo(texts.KEYS_UNREADABLE.format(column=column, count=count))
    for row in outcome.examples:
        click.echo(f"  {row}")
    for column, count in outcome.left.items():
        click.echo(texts.KEYS_LEFT.format(column=column, count=count))
    if outcome.left:
        click.echo(texts.KEYS_LEFT_WHY)
    if outcome.whole:
        click.echo(texts.KEYS_ROTATED.format(done=outcome.done, **key_ring().current._asdict()))
    _name_unused(outcome.unused)


def _name_unused(key_ids: Sequence[str]) -> None:
    if key_ids:
        click.echo(texts.KEYS_UNUSED.format(ids="、".join(key_ids)))


@click.command("worker")
def worker() -> None:
    """Send what the outbox holds, until stopped."""
    _require_fitting_keys()
    run_worker(current_app.extensions["settings"].redis_url)


@click.command("tick")
def tick() -> None:
    """Turn what has become due into work, until stopped."""
    _require_fitting_keys()
    run_tick(room_tasks())


@click.command("doctor")
def doctor() -> None:
    """Check settings, database, Redis and WeChat; say what is wrong and what to do."""
    findings = examine(current_app)
    for finding in findings:
        click.echo(f"{texts.MARKS[finding.ok]} {finding.subject}：{finding.sentence}")
    if any(finding.ok is False for finding in findings):
        raise click.exceptions.Exit(1)
