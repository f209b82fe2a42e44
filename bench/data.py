"""What the database holds before the load: registries with slots, followers of the account, logins of residents."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.calendar.legal_days import import_year, year_from_library
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.kinds import KINDS, Area, Kind
from backend.marriage.models import Office, Slot
from backend.marriage.offers import forget_offices, office
from backend.marriage.open_slots import open_slots
from backend.marriage.rush.models import Rush
from backend.marriage.rush.plan import announce
from backend.marriage.rush.rules import RushMode
from backend.people.logins import LIFETIMES
from backend.people.rules import LoginKind
from backend.staff.models import NodeKind
from backend.staff.nodes import make_node
from backend.storage import database, transaction
from bench import texts
from bench.bookings import Target
from bench.statements import TABLES
from messages import Product

SPREAD_SLOTS = 50
RUSH_PLACES = 20
PEAK_CALLERS, PEAK_PLACES, PEAK_SLOTS = 10_000, 200, 10
MINUTES = KINDS[Kind.MARRIAGE_REGISTRATION].minutes  # of a window, for one couple
_UNBOUNDED = 30_000_000


@dataclass(frozen=True)
class Prepared:
    """Where to book: over many slots, in one, and in one with few places (`RUSH_PLACES`); `peak`: a rush that runs."""

    spread: Target
    hot: Target
    rush: Target
    peak: uuid.UUID


def prepare(account: str, followers: Sequence[str], miniprogram: str, logins: int) -> tuple[Prepared, list[str]]:
    """Fill a migrated, empty database; returns where to book and the tokens of `logins` residents."""
    _add_calendar()
    places = _add_offices()
    open_slots()
    prepared = _open_wide(places[-1], _announce_peak(places[0]))
    _add_people(Product.ACCOUNT, account, followers)
    return prepared, _add_logins(miniprogram, logins)


def _add_calendar() -> None:
    for year in (today().year, today().year + 1):
        try:
            import_year(year, year_from_library(year), "chinesecalendar")
        except AppError:  # not published yet: those days count as provisional
            continue
    legal_calendar()


def _add_offices() -> list[uuid.UUID]:
    with transaction() as session:
        offices = []
        district = make_node("bench", NodeKind.DISTRICT, texts.DISTRICT, None)
        session.add(district)
        session.flush()
        for position, name in enumerate(texts.OFFICES):
            node = make_node(f"bench-{position}", NodeKind.REGISTRY, name, district)
            session.add(node)
            session.flush()
            offices.append(
                Office(
                    id=new_id(),
                    code=node.code,
                    node_id=node.id,
                    name=name,
                    address=texts.ADDRESS,
                    phone="010-00000000",
                    position=position,
                )
            )
        session.add_all(offices)
    forget_offices()
    return [office.id for office in offices]


def _announce_peak(office_id: uuid.UUID) -> uuid.UUID:
    """A day of the other registry with `PEAK_PLACES` places in ten half hours, given in a rush that has begun."""
    with transaction() as session:
        mine = sa.and_(Slot.office_id == office_id, Slot.area == Area.MARRIAGE_HALL)
        later = today() + timedelta(days=7)
        day = session.scalars(sa.select(Slot.day).where(mine, Slot.day >= later).order_by(Slot.day).limit(1)).one()
        slots = session.scalars(sa.select(Slot.id).where(mine, Slot.day == day).order_by(Slot.starts_at)).all()
        chosen = slots[:PEAK_SLOTS]
        session.execute(sa.update(Slot).where(Slot.id.in_(slots[PEAK_SLOTS:])).values(capacity=0))
        each = PEAK_PLACES // len(chosen) * MINUTES
        session.execute(sa.update(Slot).where(Slot.id.in_(chosen)).values(capacity=each))
        place = office(office_id)
        if place is None:
            raise LookupError("the registry is gone")
        announce(place, day, RushMode.QUEUE, now() - timedelta(minutes=1), now() + timedelta(days=1))
        return session.scalars(sa.select(Rush.id)).one()


def _open_wide(office_id: uuid.UUID, peak: uuid.UUID) -> Prepared:
    """Give slots of one registry more places than can be taken; the other's stay as the rules lay them out."""
    with transaction() as session:
        later = today() + timedelta(days=7)
        query = sa.select(Slot.id).where(Slot.office_id == office_id, Slot.day >= later)
        query = query.where(Slot.area == Area.MARRIAGE_HALL)
        *spread, hot, rush = session.scalars(query.order_by(Slot.starts_at).limit(SPREAD_SLOTS + 2)).all()
        session.execute(sa.update(Slot).where(Slot.id.in_([*spread, hot])).values(capacity=_UNBOUNDED))
        session.execute(sa.update(Slot).where(Slot.id == rush).values(capacity=RUSH_PLACES * MINUTES))
        session.connection().exec_driver_sql(TABLES)
        rows = [{"id": number, "capacity": _UNBOUNDED} for number in range(SPREAD_SLOTS + 1)]
        session.execute(sa.text("INSERT INTO bench_slots (id, capacity) VALUES (:id, :capacity)"), rows)
    return Prepared(Target(spread, range(SPREAD_SLOTS)), Target([hot], [SPREAD_SLOTS]), Target([rush], []), peak)


def _add_people(product: Product, app_id: str, openids: Sequence[str]) -> list[uuid.UUID]:
    """Persons with an identity and an address each; returns the ids of the identities."""
    moment = now()
    people = [(new_id(), new_id(), openid) for openid in openids]
    _copy("persons (id, created_at)", ((person, moment) for person, _, _ in people))
    _copy(
        "wechat_identities (id, person_id, app_id, openid, created_at)",
        ((identity, person, app_id, openid, moment) for person, identity, openid in people),
    )
    _copy(
        "message_addresses (id, recipient_id, product, app_id, openid, reachable, window_left)",
        ((new_id(), person, product.value, app_id, openid, True, 0) for person, _, openid in people),
    )
    return [identity for _, identity, _ in people]


def _add_logins(app_id: str, count: int) -> list[str]:
    identities = _add_people(Product.MINIPROGRAM, app_id, [f"obenchm{number:021d}" for number in range(count)])
    tokens = [secrets.token_urlsafe(32) for _ in identities]
    moment = now()
    until = moment + LIFETIMES[LoginKind.MINIPROGRAM]
    _copy(
        "login_sessions (id, token_hash, identity_id, created_at, expires_at)",
        (
            (new_id(), hashlib.sha256(token.encode()).digest(), identity, moment, until)
            for token, identity in zip(tokens, identities, strict=True)
        ),
    )
    return tokens


def _copy(table: str, rows: Iterator[tuple[object, ...]]) -> None:
    with database().engine.begin() as connection:
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
