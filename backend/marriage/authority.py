"""Which registries may do foreign-related business (条例 art 2; domain-rules §2.4 E5, M9)."""

from __future__ import annotations

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.kinds import NEEDS_AUTHORITY, Kind
from backend.marriage.offices import OfficeView, offices
from backend.marriage.parameters import may_register_foreigners
from backend.marriage.texts import BETWEEN_OFFICES, DESIGNATED, DESIGNATED_NONE, DESIGNATED_ONE


def has_authority(place: OfficeView) -> bool:
    """Whether the province has named this registry."""
    return may_register_foreigners(place.code, now())


def designated_offices() -> list[OfficeView]:
    """The registries of ours that the province has named."""
    return [place for place in offices() if has_authority(place)]


def require_authority(place: OfficeView, kind: Kind) -> None:
    """Raises `AppError` invalid with the designated registries in `offices` unless the place may do it."""
    if kind in NEEDS_AUTHORITY and not has_authority(place):
        told = where_to_go(place)
        raise AppError("invalid", told, 422, errors={"office_id": [told]}, extra={"offices": offices_as_extra()})


def where_to_go(place: OfficeView) -> str:
    """The sentence that names the designated registries, or whom to ask where none is ours."""
    named = designated_offices()
    if not named:
        return DESIGNATED_NONE.format(phone=place.phone)
    each = [DESIGNATED_ONE.format(name=one.name, address=one.address, phone=one.phone) for one in named]
    return DESIGNATED.format(offices=BETWEEN_OFFICES.join(each))


def offices_as_extra() -> list[dict[str, str]]:
    """The designated registries as a refusal carries them."""
    return [
        {"id": str(one.id), "name": one.name, "address": one.address, "phone": one.phone}
        for one in designated_offices()
    ]
