"""`/h5/privacy`: the published privacy rules (PIPL 17; 网络数据安全管理条例 21), with what is kept and for how long.

The lists of what is optional and of times of keeping come from the code that keeps to them, so the page cannot differ.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, render_template, send_from_directory

from backend.h5.texts import PRIVACY_TITLE
from backend.kernel.access import Caller, access
from backend.kernel.personal_data import RetentionRule
from backend.people.rights.consent import purposes
from backend.people.rights.holdings import holdings
from backend.people.rights.notice import current_notice
from backend.people.rights.parameters import bureau_address, bureau_phone
from backend.people.rights.retention import retention_rules
from backend.people.rights.texts import kept_for

_STATIC = Path(__file__).parent / "static"
_A_DAY = 24 * 3600

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

h5 = Blueprint("h5", __name__, url_prefix="/h5", template_folder="templates")


@h5.get("/privacy")
@access(Caller.ANYONE)
def privacy() -> str:
    """The rules in force."""
    return render_template(
        "h5/privacy.html",
        title=PRIVACY_TITLE,
        notice=current_notice(),
        purposes=purposes(),
        rules=[rule for rule in retention_rules() if _of_residents(rule)],
        kept_for=kept_for,
        phone=bureau_phone(),
        address=bureau_address(),
    )


def _of_residents(rule: RetentionRule) -> bool:
    """Whether a rule speaks of what is held about residents; what staff leave behind is another page's matter."""
    return any(table in holding.tables for holding in holdings() for table in rule.tables)


@h5.get("/assets/<name>")
@access(Caller.ANYONE)
def asset(name: str) -> Response:
    """A stylesheet, a script or the icon."""
    return send_from_directory(_STATIC, name, max_age=_A_DAY)


@h5.after_request
def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if not response.cache_control.max_age:  # all but the stylesheets: what is one's own stays in no cache
        response.headers["Cache-Control"] = "no-store"
    return response
