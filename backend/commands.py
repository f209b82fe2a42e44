"""`flask --app wsgi …`: what an operator runs (contract.md "Commands")."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import Flask, current_app

from backend import texts
from backend.calendar.legal_days import import_year, year_from_file, year_from_library
from backend.demonstration.load import load_demonstration, sign_in_lines
from backend.doctor import examine
from backend.jobs.tick import run_tick
from backend.jobs.worker import run_worker
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.staff.cli import staff_cli
from backend.storage.rotation import rotate_keys
from backend.tick_tasks import room_tasks


def register_commands(app: Flask) -> None:
    """Add every command to the application's command line."""
    for group in (db_cli, demo_cli, calendar_cli, keys_cli, staff_cli, worker, tick, doctor):
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


@keys_cli.command("rotate")
def rotate() -> None:
    """Seal everything anew with the first key of FIELD_KEYS; safe to interrupt and to begin again."""
    for progress in rotate_keys():
        click.echo(texts.KEYS_PROGRESS.format(**asdict(progress)))
    click.echo(texts.KEYS_ROTATED)


@click.command("worker")
def worker() -> None:
    """Send what the outbox holds, until stopped."""
    run_worker(current_app.extensions["settings"].redis_url)


@click.command("tick")
def tick() -> None:
    """Turn what has become due into work, until stopped."""
    run_tick(room_tasks())


@click.command("doctor")
def doctor() -> None:
    """Check settings, database, Redis and WeChat; say what is wrong and what to do."""
    findings = examine(current_app)
    for finding in findings:
        click.echo(f"{texts.MARKS[finding.ok]} {finding.subject}：{finding.sentence}")
    if any(finding.ok is False for finding in findings):
        raise click.exceptions.Exit(1)
