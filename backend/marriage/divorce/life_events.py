"""What becomes of applications when something happens to one of the two (domain-rules §8-1).

With a death the marriage is over, and so is the application; nobody is written to about it: the one who stays behind
hears from a person. When the death turns out to be a mistake the application goes on where time has brought it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.divorce.care import follow_consent
from backend.marriage.divorce.history import move, office_of
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.notices import plan_reminders
from backend.marriage.divorce.parameters import lapses_at
from backend.marriage.divorce.parties import parties_of
from backend.marriage.divorce.rules import CaseState, state_at
from backend.marriage.divorce.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.marriage.models import Office
from backend.people.life_events import (
    EventKind,
    Handler,
    Happening,
    NotRestored,
    Reaction,
    all_living,
    on_life_event,
)
from backend.people.models import Person, name_index
from backend.storage import session

ROOM = "marriage.divorce"


def react_to_life_events() -> None:
    """Take part in the events that concern applications; called once when the application is put together."""
    parts = {
        EventKind.DEATH: (_end, _preview_end),
        EventKind.DEATH_REVERSED: (_restore, _preview_restore),
        EventKind.NAME_CORRECTED: (_rename, _preview_rename),
    }
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(DivorceCase.id, DivorceCase.number, Office.name, Office.phone)
    rows = session().execute(query.join(Office, Office.id == DivorceCase.office_id).where(DivorceCase.id.in_(ids)))
    return {row.id: f"{row.number} {row.name} {row.phone}" for row in rows}


def _open_of(happening: Happening) -> sa.Select[DivorceCase]:
    mine = sa.exists().where(
        DivorceParty.case_id == DivorceCase.id,
        DivorceParty.open,
        DivorceParty.id_number_index == happening.number_index,
    )
    return sa.select(DivorceCase).where(DivorceCase.open, mine)


def _locked(query: sa.Select[DivorceCase]) -> Sequence[DivorceCase]:
    locking = query.order_by(DivorceCase.id).with_for_update(of=DivorceCase)
    return session().scalars(locking.execution_options(populate_existing=True)).all()


def _preview_end(happening: Happening) -> Mapping[str, int]:
    return {
        "cases_ended": session().scalar(sa.select(sa.func.count()).select_from(_open_of(happening).subquery())) or 0
    }


def _end(happening: Happening) -> Reaction:
    cases = _locked(_open_of(happening))
    for case in cases:
        move(case, "stopped_by_life_event", CaseState.ENDED, SYSTEM)
    return Reaction({"cases_ended": len(cases)}, {"cases": [str(case.id) for case in cases]})


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"cases_restored": len(happening.undo.get("cases", ()))}


def _restore(happening: Happening) -> Reaction:
    wanted = [uuid.UUID(text) for text in happening.undo.get("cases", ())]
    query = sa.select(DivorceCase).where(DivorceCase.id.in_(wanted), DivorceCase.state == CaseState.ENDED)
    restored = {case.id for case in _locked(query) if _give_back(case)}
    left = [NotRestored("divorce_case", one) for one in wanted if one not in restored]
    return Reaction({"cases_restored": len(restored)}, not_restored=left)


def _give_back(case: DivorceCase) -> bool:
    """Open again, unless its time is over, the other one has died too, or has begun anew with somebody."""
    parties = list(parties_of(case.id))
    indexes = [party.id_number_index for party in parties]
    anew = sa.select(DivorceParty.id).where(DivorceParty.open, DivorceParty.id_number_index.in_(indexes))
    office = office_of(case)
    stands = state_at(case.clock, now(), lapses_at(office.code, case.clock))
    if stands is CaseState.LAPSED or session().scalar(anew.limit(1)) or not all_living(number_indexes=indexes):
        return False
    move(case, "restored_by_life_event", stands, SYSTEM)
    plan_reminders(case, office, parties)
    for party in parties:  # whoever agreed to be called still does; the consent is their own and was not touched
        follow_consent(party)
    return True


def _parties(happening: Happening) -> sa.Select[DivorceParty]:
    mine = DivorceParty.id_number_index == happening.number_index
    return sa.select(DivorceParty).where(DivorceParty.open, mine).order_by(DivorceParty.id)


def _preview_rename(happening: Happening) -> Mapping[str, int]:
    return {"names_corrected": len(session().scalars(_parties(happening)).all())}


def _rename(happening: Happening) -> Reaction:
    name = session().get_one(Person, happening.person_id).name or ""
    parties = session().scalars(_parties(happening).with_for_update()).all()
    for party in parties:
        party.name, party.name_index = name, name_index(name)
    session().flush()
    return Reaction({"names_corrected": len(parties)})
