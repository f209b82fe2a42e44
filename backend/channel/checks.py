"""The steps of connecting a real account, each looked at by `flask doctor`. docs/wechat.md has a step for each."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa
from flask import Flask

from backend.channel import texts
from backend.channel.finding import Finding
from backend.channel.menu import menu_differs
from backend.channel.reasons import reason_of
from backend.channel.template_sync import WRONG, NoticeStanding, Standing, compare
from backend.kernel.clock import now, system_clock
from backend.people.models import WeChatIdentity
from backend.settings import Settings, WeChatApp
from backend.storage import transaction
from backend.wechat.client import WeChatClient
from backend.wechat.errors import WeChatError
from messages import Product
from messages.alarms import open_alarms
from messages.models import ChannelAlarm

WECHAT = "https://api.weixin.qq.com"
_SECONDS_APART = 60
_NEARLY_USED = 0.8
_NAMED = 4


@dataclass(frozen=True)
class Connection:
    """One app with what is needed to look at it."""

    product: Product
    app: WeChatApp
    client: WeChatClient

    @property
    def name(self) -> str:
        """As operators call it."""
        return texts.PRODUCTS[self.product.value]

    @property
    def prefix(self) -> str:
        """How its settings begin."""
        return f"WECHAT_{self.product.value.upper()}"


def connections(app: Flask) -> tuple[Connection, Connection]:
    """The account and the mini-program."""
    settings: Settings = app.extensions["settings"]
    return (
        Connection(Product.ACCOUNT, settings.account, app.extensions["wechat_account"]),
        Connection(Product.MINIPROGRAM, settings.miniprogram, app.extensions["wechat_miniprogram"]),
    )


def look_at_wechat(app: Flask, *, database_works: bool) -> Iterator[Finding]:
    """Every step, in the order in which an operator takes them."""
    settings: Settings = app.extensions["settings"]
    yield settings_finding(settings)
    yield apps_finding(settings)
    yield address_finding(settings)
    yield clock_finding(settings)
    for connection in connections(app):
        yield callback_finding(settings, connection)
    for connection in connections(app):
        yield token_finding(connection)
    yield pages_finding(settings, connections(app)[0])
    yield menu_finding(connections(app)[0])
    if database_works:
        for connection in connections(app):
            yield templates_finding(connection)
        for connection in connections(app):
            yield quota_finding(connection)
        yield unionid_finding()
        yield alarms_finding()


def settings_finding(settings: Settings) -> Finding:
    """Whether WeChat's own servers are asked."""
    if settings.wechat_api_base_url == WECHAT:
        return Finding(texts.SETTINGS, True, texts.SETTINGS_OK.format(base=WECHAT))
    ok = None if settings.demonstration else False
    return Finding(texts.SETTINGS, ok, texts.SETTINGS_SANDBOX.format(base=settings.wechat_api_base_url))


def address_finding(settings: Settings) -> Finding:
    """Whether WeChat could reach us: https on its own port, by a name (§1.1)."""
    url = urlsplit(settings.public_base_url)
    fit = url.scheme == "https" and url.port in (None, 443) and not _is_address(url.hostname or "")
    if fit:
        return Finding(texts.ADDRESS, True, texts.ADDRESS_OK.format(url=settings.public_base_url))
    ok = None if settings.demonstration else False
    return Finding(texts.ADDRESS, ok, texts.ADDRESS_WRONG.format(url=settings.public_base_url))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def apps_finding(settings: Settings) -> Finding:
    """Whether the two apps are two: mixed up, every openid is another's (§10 no. 5)."""
    account, other = settings.account, settings.miniprogram
    same = account.app_id == other.app_id or account.original_id == other.original_id
    return Finding(texts.APPS, not same, texts.APPS_SAME if same else texts.APPS_OK)


def clock_finding(settings: Settings) -> Finding:
    """Our machine's clock against the time WeChat puts on its answers; the answer itself does not matter."""
    try:
        answer = httpx.get(f"{settings.wechat_api_base_url}/cgi-bin/getcallbackip", timeout=5)
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError) as error:
        told = texts.CLOCK_UNKNOWN.format(why=type(error).__name__, base=settings.wechat_api_base_url)
        return Finding(texts.CLOCK, False, told)
    apart = round(abs(system_clock().timestamp() - theirs))
    ok = apart <= _SECONDS_APART
    return Finding(texts.CLOCK, ok, (texts.CLOCK_OK if ok else texts.CLOCK_WRONG).format(seconds=apart))


def callback_finding(settings: Settings, connection: Connection) -> Finding:
    """Call our own address as WeChat does when the operator saves it (§1.1)."""
    subject = texts.CALLBACK.format(app=connection.name)
    url = f"{settings.public_base_url}/wechat/{connection.product.value}"
    timestamp, nonce, echo = str(int(now().timestamp())), secrets.token_hex(5), secrets.token_hex(8)
    parts = "".join(sorted([connection.app.token, timestamp, nonce]))
    signature = hashlib.sha1(parts.encode()).hexdigest()  # noqa: S324 - the protocol's own choice
    query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    try:
        answer = httpx.get(url, params=query, timeout=5)
        why = "" if (answer.status_code, answer.text) == (200, echo) else f"HTTP {answer.status_code}"
    except httpx.HTTPError as error:
        why = type(error).__name__
    if why:
        return Finding(subject, False, texts.CALLBACK_WRONG.format(url=url, why=why, prefix=connection.prefix))
    return Finding(subject, True, texts.CALLBACK_OK.format(url=url))


def token_finding(connection: Connection) -> Finding:
    """Whether appid, secret and IP whitelist are right."""
    subject = texts.CREDENTIAL.format(app=connection.name)
    try:
        connection.client.tokens.get()
    except WeChatError as error:
        why = reason_of(error, connection.prefix)
        return Finding(subject, False, texts.CREDENTIAL_WRONG.format(why=why))
    return Finding(subject, True, texts.CREDENTIAL_OK)


def pages_finding(settings: Settings, connection: Connection) -> Finding:
    """Whether pages can be signed for the JS-SDK (§2.4). Which domains the account trusts, no API tells."""
    url = f"{settings.public_base_url}/h5/reminders"
    try:
        connection.client.tickets.get()
    except WeChatError as error:
        why = reason_of(error, connection.prefix)
        return Finding(texts.PAGES, False, texts.PAGES_WRONG.format(url=url, why=why))
    host = urlsplit(settings.public_base_url).hostname
    return Finding(texts.PAGES, True, texts.PAGES_OK.format(host=host, url=url))


def _asked(subject: str, connection: Connection, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except WeChatError as error:
        return Finding(subject, False, texts.UNASKED.format(why=reason_of(error, connection.prefix)))


def menu_finding(connection: Connection) -> Finding:
    """Whether the published menus are ours."""

    def look() -> Finding:
        published = connection.client.get_menu()
        if published is None:
            return Finding(texts.MENU_SUBJECT, False, texts.MENU_NONE)
        differs = menu_differs(published)
        return Finding(texts.MENU_SUBJECT, not differs, texts.MENU_DIFFERS if differs else texts.MENU_OK)

    return _asked(texts.MENU_SUBJECT, connection, look)


def templates_finding(connection: Connection) -> Finding:
    """Whether every notice has a template there, with the fields that were entered."""
    subject = texts.TEMPLATES.format(app=connection.name)

    def look() -> Finding:
        standings = compare(connection.client, connection.product)
        for wanted, ok, text in (
            (WRONG, False, texts.TEMPLATES_WRONG),
            ((Standing.FOUND,), False, texts.TEMPLATES_FOUND),
            ((Standing.MISSING,), None, texts.TEMPLATES_MISSING),
        ):
            chosen = [one for one in standings if one.standing in wanted]
            if chosen:
                return Finding(subject, ok, text.format(count=len(chosen), names=_names(chosen)))
        return Finding(subject, True, texts.TEMPLATES_OK.format(count=len({one.notice for one in standings})))

    return _asked(subject, connection, look)


def _names(standings: list[NoticeStanding]) -> str:
    names = list(dict.fromkeys(one.notice for one in standings))
    return "、".join(names[:_NAMED]) + ("…" if len(names) > _NAMED else "")


def quota_finding(connection: Connection) -> Finding:
    """How much of the day's quotas is used (§5.6)."""
    subject = texts.QUOTA.format(app=connection.name)
    usage = connection.client.quotas.usage()
    closed = next((one for one in usage if one.closed_until), None)
    if closed and closed.closed_until:
        until = f"{closed.closed_until:%m-%d %H:%M}"
        return Finding(subject, False, texts.QUOTA_CLOSED.format(path=closed.path, until=until))
    fullest = next((one for one in usage if one.used and one.per_day), None)
    if fullest is None or not fullest.per_day:
        return Finding(subject, True, texts.QUOTA_NONE)
    told = {"path": fullest.path, "used": fullest.used, "limit": fullest.per_day}
    if fullest.used >= _NEARLY_USED * fullest.per_day:
        return Finding(subject, None, texts.QUOTA_HIGH.format(**told))
    percent = round(100 * fullest.used / fullest.per_day)
    return Finding(subject, True, texts.QUOTA_OK.format(percent=percent, **told))


def unionid_finding() -> Finding:
    """Whether both apps share an Open Platform account; known once somebody came with a unionid (§4.2)."""
    with transaction() as session:
        known = session.scalar(sa.select(sa.literal(True)).where(WeChatIdentity.unionid.is_not(None)).limit(1))
    return Finding(texts.UNIONID, True if known else None, texts.UNIONID_KNOWN if known else texts.UNIONID_UNKNOWN)


def alarms_finding() -> Finding:
    """What delivery has found to be mended."""
    alarms = open_alarms()
    if not alarms:
        return Finding(texts.ALARMS, True, texts.ALARMS_OK)
    return Finding(texts.ALARMS, False, texts.ALARMS_OPEN.format(count=len(alarms), what=alarm_text(alarms[0])))


def alarm_text(alarm: ChannelAlarm) -> str:
    """An alarm in a line, without anything personal."""
    template = texts.ALARM_TEMPLATE.format(id=alarm.template_id, notice=alarm.notice) if alarm.template_id else ""
    return texts.ALARM.format(
        app=alarm.app_id,
        channel=texts.CHANNELS[alarm.channel.value],
        template=template,
        failure=texts.FAILURES.get(alarm.failure, alarm.failure),
        code=texts.ALARM_CODE.format(code=alarm.errcode) if alarm.errcode else "",
        field=texts.ALARM_FIELD.format(field=alarm.field) if alarm.field else "",
    )
