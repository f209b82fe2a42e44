"""`flask wechat …`: what an operator publishes at WeChat and asks there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
import segno
from flask import current_app

from backend.channel import texts
from backend.channel.checks import Connection, connections
from backend.channel.menu import publish_menu
from backend.channel.reasons import reason_of
from backend.channel.template_sync import NoticeStanding, Standing, approved_templates, enter_matches
from backend.files.rules import Refusal, Unfit, content_type
from backend.storage import transaction
from backend.wechat.errors import WeChatError
from messages import Channel, Product, map_template
from messages.alarms import dismiss_alarms
from messages.templates import mapped_templates

wechat_cli = click.Group("wechat", help="What is published at WeChat, and what is used there.")
menu_cli = click.Group("menu", help="The account's menu.")
templates_cli = click.Group("templates", help="Templates of notices.")
quota_cli = click.Group("quota", help="Calls of the day.")
alarms_cli = click.Group("alarms", help="What has to be mended before messages go out again.")
for _group in (menu_cli, templates_cli, quota_cli, alarms_cli):
    wechat_cli.add_command(_group)

_APP = click.option(
    "--app",
    "product",
    type=click.Choice([product.value for product in Product]),
    default=Product.ACCOUNT.value,
    help="The account, unless told.",
)
_FILE = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to save it.")
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


def _connection(product: str) -> Connection:
    account, miniprogram = connections(current_app)
    return account if product == Product.ACCOUNT.value else miniprogram


@contextmanager
def _told(connection: Connection) -> Iterator[None]:
    try:
        yield
    except WeChatError as error:
        why = reason_of(error, connection.prefix)
        raise click.ClickException(texts.WECHAT_REFUSED.format(why=why)) from None


@menu_cli.command("publish")
def publish() -> None:
    """Publish our menu, and the one for elders; phones show them within five minutes."""
    account = _connection(Product.ACCOUNT.value)
    with _told(account):
        publish_menu(account.client)
    click.echo(texts.PUBLISHED.format(tag=texts.ELDERS_TAG))


@templates_cli.command("list")
@_APP
def list_templates(product: str) -> None:
    """Print the templates WeChat has approved, with their keys and the fields entered for them."""
    connection = _connection(product)
    with _told(connection):
        approved = approved_templates(connection.client, connection.product)
    entered = mapped_templates(connection.client.app_id)
    for channel, templates in approved.items():
        for template in templates:
            click.echo(
                texts.TEMPLATE_LINE.format(
                    channel=texts.CHANNELS[channel.value],
                    id=template.template_id,
                    title=template.title,
                    long_term=texts.LONG_TERM if template.long_term else "",
                )
            )
            carried = [row for row in entered if (row.channel, row.template_id) == (channel, template.template_id)]
            for key, label in template.labels.items():
                carries = "".join(
                    texts.CARRIES.format(field=row.fields[key], notice=row.notice)
                    for row in carried
                    if key in row.fields
                )
                click.echo(texts.TEMPLATE_FIELD.format(key=key, label=label, carries=carries))
    if not any(approved.values()):
        click.echo(texts.NO_TEMPLATES)


@templates_cli.command("sync")
def sync() -> None:
    """Enter the approved templates that fit our notices by title and labels; what is right already stays."""
    for connection in connections(current_app):
        with _told(connection):
            standings = enter_matches(connection.client, connection.product)
        _report(connection, standings)


def _report(connection: Connection, standings: list[NoticeStanding]) -> None:
    counts = dict.fromkeys(Standing, 0)
    for one in standings:
        counts[one.standing] += 1
    click.echo(
        texts.SYNCED.format(
            app=connection.name,
            entered=counts[Standing.FOUND],
            fits=counts[Standing.FITS],
            missing=counts[Standing.MISSING],
            wrong=counts[Standing.GONE] + counts[Standing.CHANGED],
        )
    )
    for one in standings:
        if one.standing is not Standing.FITS:
            told = texts.STANDINGS[one.standing.value].format(title=one.template.title if one.template else "")
            channel = texts.CHANNELS[one.channel.value]
            click.echo(texts.SYNC_LINE.format(notice=one.notice, channel=channel, standing=told))


@templates_cli.command("map")
@_APP
@click.option("--channel", type=click.Choice(["subscribe", "template"]), required=True)
@click.option("--link", help="What a tap opens, with {subject_id} in it.")
@click.option("--long-term", is_flag=True, help="One agreement allows many messages.")
@click.argument("notice")
@click.argument("template_id")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=FIELD...")
def map_one(
    product: str,
    channel: Literal["subscribe", "template"],
    link: str | None,
    long_term: bool,
    notice: str,
    template_id: str,
    pairs: tuple[str, ...],
) -> None:
    """Enter by hand which template carries a notice: `thing1=matter time2=time`."""
    if not all("=" in pair for pair in pairs):
        raise click.ClickException(texts.MAP_PAIR)
    fields = dict(pair.split("=", 1) for pair in pairs)
    app_id = _connection(product).client.app_id
    try:
        with transaction():
            map_template(app_id, Channel(channel), notice, template_id, fields, link=link, long_term=long_term)
    except KeyError:
        raise click.ClickException(texts.MAP_UNKNOWN.format(notice=notice)) from None
    except ValueError as error:
        raise click.ClickException(texts.MAP_REFUSED.format(why=error)) from None
    click.echo(texts.MAPPED.format(notice=notice, id=template_id))


@wechat_cli.command("qr")
@click.option("--scene", required=True, help="What scanning it tells us, such as checkin-registry-1.")
@click.option("--days", type=int, help="How long it is good for, 30 at most; without it the code is permanent.")
@_FILE
def qr(scene: str, days: int | None, out: Path) -> None:
    """Make a QR code of the account, to be printed (SVG or PNG, by the file's name)."""
    account = _connection(Product.ACCOUNT.value)
    try:
        with _told(account):
            made = (
                account.client.create_permanent_qr_code(scene)
                if days is None
                else account.client.create_qr_code(scene, days * 24 * 3600)
            )
    except ValueError:
        raise click.ClickException(texts.QR_BAD) from None
    segno.make(made.url, error="m", micro=False).save(str(out), scale=10, border=4)
    life = texts.QR_PERMANENT if days is None else texts.QR_UNTIL.format(days=days)
    click.echo(texts.QR_SAVED.format(path=out, life=life, scene=scene))


@wechat_cli.command("code")
@click.option("--scene", required=True, help="What the page reads; nothing personal.")
@click.option("--page", default="pages/index/index", show_default=True)
@_FILE
def code(scene: str, page: str, out: Path) -> None:
    """Make a code that opens a page of the mini-program, to be printed."""
    connection = _connection(Product.MINIPROGRAM.value)
    try:
        with _told(connection):
            picture = connection.client.miniprogram_code(scene, page)
    except ValueError:
        raise click.ClickException(texts.CODE_BAD) from None
    path = out.with_suffix(_ENDINGS.get(picture.content_type, out.suffix))
    path.write_bytes(picture.content)
    click.echo(texts.CODE_SAVED.format(path=path))


@wechat_cli.command("upload-image")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def upload_image(file: Path) -> None:
    """Hand a JPEG or PNG picture to WeChat for three days; prints the media_id that a reply with a picture names."""
    body = file.read_bytes()
    try:
        kind = content_type(body)
        if not kind.startswith("image/"):
            raise Unfit(Refusal.WRONG_TYPE)
    except Unfit:
        raise click.ClickException(texts.PICTURE_BAD) from None
    account = _connection(Product.ACCOUNT.value)
    with _told(account):
        click.echo(account.client.upload("image", body, kind))


@wechat_cli.command("link")
@click.option("--page", default="pages/index/index", show_default=True)
@click.option("--days", type=click.IntRange(1, 30), default=30, show_default=True)
@click.option("--scheme", is_flag=True, help="A weixin:// address for pages outside WeChat.")
def link(page: str, days: int, scheme: bool) -> None:
    """Print an address that opens the mini-program from a text message or a web page."""
    connection = _connection(Product.MINIPROGRAM.value)
    with _told(connection):
        make = connection.client.url_scheme if scheme else connection.client.url_link
        click.echo(make(page, days=days))


@wechat_cli.command("addresses")
@_APP
def addresses(product: str) -> None:
    """Print the addresses WeChat calls us from, for a firewall that lets nobody else in; they change now and then."""
    connection = _connection(product)
    with _told(connection):
        for address in sorted(connection.client.callback_addresses()):
            click.echo(address)


@quota_cli.command("show")
def quota_show() -> None:
    """Print what has been used today and what is closed until midnight."""
    for connection in connections(current_app):
        for one in connection.client.quotas.usage():
            if one.used or one.closed_until:
                closed = texts.QUOTA_CLOSED_MARK.format(until=f"{one.closed_until:%H:%M}") if one.closed_until else ""
                limit = texts.QUOTA_UNLIMITED if one.per_day is None else one.per_day
                line = {"app": connection.name, "path": one.path, "used": one.used, "limit": limit, "closed": closed}
                click.echo(texts.QUOTA_LINE.format(**line))


@quota_cli.command("clear")
@_APP
def quota_clear(product: str) -> None:
    """Have WeChat give the day's calls back; ten times a month."""
    connection = _connection(product)
    with _told(connection):
        connection.client.clear_quota()
    click.echo(texts.QUOTA_CLEARED.format(app=connection.name))


@alarms_cli.command("dismiss")
def dismiss() -> None:
    """Forget what was to be mended; what is still wrong comes back with the next message."""
    click.echo(texts.DISMISSED.format(count=dismiss_alarms()))
