"""What somebody who is signed in must do before anything else."""

from __future__ import annotations

from backend.staff.models import SignInMethod, StaffSession

_SIGN_OUT = "console.sign_out_form"
_CHANGE_PASSWORD = frozenset({"entry.password_page", "entry.password_form", _SIGN_OUT})
_SET_UP_SECOND_FACTOR = frozenset(
    {
        "entry.second_factor_page",
        "entry.second_factor_begin",
        "entry.second_factor_picture",
        "entry.second_factor_confirm",
        "entry.proof_page",
        "entry.proof_form",
        _SIGN_OUT,
    }
)


def page_owed(session: StaffSession, endpoint: str | None, *, second_factor_required: bool) -> str | None:
    """The endpoint to which this request must be led instead of where it wants to go; None when it may go on."""
    if session.account.must_change_password:
        return None if endpoint in _CHANGE_PASSWORD else "entry.password_page"
    if second_factor_required and session.method is SignInMethod.PASSWORD:
        return None if endpoint in _SET_UP_SECOND_FACTOR else "entry.second_factor_page"
    return None
