"""The ceremony on a private link (M11): consent of both, a link by staff, and an end after thirty days."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.book import locked_own
from backend.marriage.ceremonies.couples import members
from backend.marriage.ceremonies.history import not_found
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony, CloudConsent
from backend.marriage.ceremonies.notices import subject, tell
from backend.marriage.ceremonies.rules import CLOUD_MOVES, CeremonyState, CloudState, deleted_from
from backend.people import Level, require_level
from backend.storage import atomic, locked, session, transaction
from messages import post

_TOKEN_BYTES = 32
_LINK_CHARACTERS = 500


def choose_cloud(ceremony_id: uuid.UUID, person_id: uuid.UUID, *, given: bool) -> CloudCeremony:
    """Agree to be shown, or take it back, for oneself alone; once one of the two takes it back the link is gone.

    Raises `AppError`: not_found, level_too_low, forbidden (not one of the two by a proven number), state_conflict.
    """
    require_level(person_id, Level.VERIFIED)
    with atomic() as db:
        ceremony = locked_own(ceremony_id, person_id)
        two = set(members(ceremony.appointment_id).values())
        if person_id not in two:
            raise AppError("forbidden", texts.NOT_OF_THE_COUPLE, 403)
        cloud = _cloud(ceremony)
        _require_running(ceremony, cloud)
        db.add(CloudConsent(cloud_id=cloud.id, person_id=person_id, given=given, at=now()))
        db.flush()
        _follow_consents(cloud)
        if given and cloud.state is CloudState.ASKED:
            _ask_other(ceremony, person_id, two)
        return cloud


def enter_link(cloud_id: uuid.UUID, link: str) -> CloudCeremony:
    """Enter where the video is; both are told that it can be seen, the link itself is on their own page.

    Raises `AppError`: not_found, invalid (no https address, or a number in it), state_conflict (not agreed).
    """
    clean = _checked(link)
    with atomic() as db:
        cloud = locked_cloud(cloud_id)
        if cloud.state is not CloudState.AGREED:
            raise AppError("state_conflict", texts.CLOUD_NOT_AGREED, 409)
        token = cloud.token or secrets.token_urlsafe(_TOKEN_BYTES)
        cloud.link, cloud.token, cloud.token_hash = clean, token, _hash(token)
        cloud.had_link, cloud.changed_at = True, now()
        db.flush()
        tell("marriage.cloud_ready", db.get_one(Ceremony, cloud.ceremony_id))
        return cloud


def note_erased(cloud_id: uuid.UUID, account_id: uuid.UUID) -> CloudCeremony:
    """Note that the video has been deleted where it was stored. Raises `AppError` not_found, state_conflict."""
    with atomic():
        cloud = locked_cloud(cloud_id)
        if cloud.state not in (CloudState.WITHDRAWN, CloudState.ENDED):
            raise AppError("state_conflict", texts.CLOUD_STILL_ON, 409)
        if cloud.erased_at is None:
            cloud.erased_at, cloud.erased_by = now(), account_id
        return cloud


def shown_by(token: str) -> CloudCeremony | None:
    """What a private link shows now; None for a wrong one and for one whose time is over. The ceremony comes along."""
    query = (
        sa.select(CloudCeremony)
        .where(
            CloudCeremony.token_hash == _hash(token),
            CloudCeremony.state == CloudState.AGREED,
            CloudCeremony.delete_from > now(),
        )
        .options(sa.orm.joinedload(CloudCeremony.ceremony))
    )
    with transaction() as db:
        return db.scalars(query).one_or_none()


def locked_cloud(cloud_id: uuid.UUID) -> CloudCeremony:
    """The row, locked; raises `AppError` not_found."""
    found = locked(CloudCeremony, cloud_id)
    if found is None:
        raise not_found()
    return found


def consents_of(cloud_id: uuid.UUID) -> dict[uuid.UUID, bool]:
    """Who of the two stands how, by their last word."""
    query = (
        sa.select(CloudConsent.person_id, CloudConsent.given)
        .where(CloudConsent.cloud_id == cloud_id)
        .order_by(CloudConsent.person_id, CloudConsent.id.desc())
        .ext(distinct_on(CloudConsent.person_id))
    )
    return {row.person_id: row.given for row in session().execute(query)}


def _cloud(ceremony: Ceremony) -> CloudCeremony:
    query = sa.select(CloudCeremony).where(CloudCeremony.ceremony_id == ceremony.id).with_for_update()
    found = session().scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is not None:
        return found
    made = CloudCeremony(
        id=new_id(),
        ceremony_id=ceremony.id,
        state=CloudState.ASKED,
        had_link=False,
        delete_from=deleted_from(ceremony.starts_at),
        created_at=now(),
        changed_at=now(),
    )
    session().add(made)
    session().flush()
    return made


def _require_running(ceremony: Ceremony, cloud: CloudCeremony) -> None:
    over = cloud.state is CloudState.ENDED or cloud.delete_from <= now()
    if over or ceremony.state is CeremonyState.CANCELLED:
        raise AppError("state_conflict", texts.CLOUD_OVER, 409)


def _follow_consents(cloud: CloudCeremony) -> None:
    words = list(consents_of(cloud.id).values())
    if not all(words):
        wanted = CloudState.WITHDRAWN
    else:
        wanted = CloudState.AGREED if len(words) == 2 else CloudState.ASKED
    if wanted is CloudState.AGREED and cloud.state is CloudState.WITHDRAWN:
        cloud.state = CloudState.ASKED
    if wanted is cloud.state:
        return
    if wanted not in CLOUD_MOVES[cloud.state]:
        raise AppError("state_conflict", texts.CLOUD_OVER, 409)
    cloud.state, cloud.changed_at = wanted, now()
    if wanted is not CloudState.AGREED:
        cloud.link = cloud.token = cloud.token_hash = None
    elif cloud.erased_at is not None:
        cloud.erased_at = cloud.erased_by = None
    session().flush()


def _ask_other(ceremony: Ceremony, person_id: uuid.UUID, two: set[uuid.UUID]) -> None:
    for other in sorted(two - {person_id}):
        post(
            "marriage.cloud_asked",
            recipient_id=other,
            subject=subject(ceremony.id),
            data={
                "matter": texts.MATTER,
                "number": ceremony.number,
                "time": template_moment(ceremony.starts_at),
            },
            key=f"marriage.cloud_asked:{ceremony.id}:{other}",
            not_after=deleted_from(ceremony.starts_at),
        )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _checked(link: str) -> str:
    clean = link.strip()
    parts = urlsplit(clean)
    told = None
    if parts.scheme != "https" or not parts.hostname or len(clean) > _LINK_CHARACTERS:
        told = texts.LINK_FORM
    elif re.search(r"\d{15}", clean):
        told = texts.LINK_WITH_NUMBERS
    if told is not None:
        raise AppError("invalid", told, 422, errors={"link": [told]})
    return clean
