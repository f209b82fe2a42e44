"""What conversations may ask about one's own application: `workflows.chat.ports.DivorcePort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.kernel.errors import AppError
from backend.marriage.divorce.care import PURPOSE
from backend.marriage.divorce.queries import OwnCase, own_cases
from backend.marriage.divorce.rules import OPEN_STATES
from backend.marriage.divorce.texts import SAFETY, STATE_NAMES
from backend.people import Level, require_level
from backend.people.rights.consent import choose, consents
from backend.people.rights.notice import current_notice, rules_url
from backend.people.rights.rules import Via
from workflows.chat.ports import OwnApplication, Refused

_SHOWN = 1


class DivorceChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def applications(self) -> Sequence[OwnApplication] | Refused:
        """The newest application, for somebody who has proven who they are."""
        try:
            require_level(self.person_id, Level.VERIFIED)
        except AppError as error:
            return Refused(error.code, error.user_text)
        return [_own(case) for case in own_cases(self.person_id, None, _SHOWN)]

    def wants_care(self) -> bool | None:
        """Whether the person wants to be called; None while they have said nothing, or it is not for them."""
        standing = next((one for one in consents(self.person_id) if one.purpose.key == PURPOSE), None)
        return None if standing is None or standing.at is None else standing.given

    def choose_care(self, wanted: bool) -> None:
        """Agree to be called, or not."""
        choose(self.person_id, PURPOSE, given=wanted, version=current_notice().version, via=Via.CHAT)

    def rules_url(self) -> str:
        """Where the privacy rules are."""
        return rules_url()

    def safety(self) -> str:
        """Where to find help against violence (E9)."""
        return SAFETY


def _own(case: OwnCase) -> OwnApplication:
    return OwnApplication(
        receipt=case.receipt_number,
        state=case.state.value,
        state_name=STATE_NAMES[case.state],
        open=case.state in OPEN_STATES,
        withdraw_until=case.cool_last,
        first=case.win_first,
        last=case.win_last,
        provisional=case.provisional,
        booked=case.certificate_booked,
        at_risk=case.at_risk,
        office_name=case.office_name,
        office_phone=case.office_phone,
    )
