"""Maps every notice to the templates the sandbox has approved, as an operator would map a real account's."""

from __future__ import annotations

from backend.settings import Settings
from messages import Channel, map_template

_APPOINTMENT = {
    "thing1": "matter",
    "time2": "time",
    "thing3": "place",
    "character_string4": "number",
    "thing5": "hint",
}
_REFUSAL = {"thing1": "matter", "time2": "time", "thing3": "reason", "thing5": "hint"}

_FAMILY = {"thing1": "matters", "thing2": "who", "thing5": "hint"}
_FAMILY_ANSWER = {"thing1": "outcome", "thing2": "whom", "thing5": "hint"}

_NOTICES = (
    ("marriage.booked", "APPOINTMENT_BOOKED", _APPOINTMENT),
    ("marriage.confirmed", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.rescheduled", "APPOINTMENT_CHANGED", _APPOINTMENT),
    ("marriage.refused", "APPOINTMENT_CANCELLED", _REFUSAL),
    ("marriage.reminder_day_before", "APPOINTMENT_REMINDER", _APPOINTMENT),
    ("marriage.reminder_two_hours", "APPOINTMENT_REMINDER", _APPOINTMENT),
    ("marriage.archive_ready", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.archive_elsewhere", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.archive_not_found", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.archive_more", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.archive_last_days", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.counselling_booked", "APPOINTMENT_BOOKED", _APPOINTMENT),
    ("marriage.counselling_tomorrow", "APPOINTMENT_REMINDER", _APPOINTMENT),
    ("marriage.counselling_soon", "APPOINTMENT_REMINDER", _APPOINTMENT),
    ("marriage.counselling_changed", "APPOINTMENT_CHANGED", _APPOINTMENT),
    ("marriage.counselling_link_ready", "SERVICE_PROGRESS", _APPOINTMENT),
    ("marriage.counselling_cancelled", "APPOINTMENT_CANCELLED", _REFUSAL),
    ("people.booking_stopped", "APPOINTMENT_CHANGED", _APPOINTMENT),
    ("people.booking_restored", "APPOINTMENT_CHANGED", _APPOINTMENT),
    ("people.proxy_asked", "FAMILY_MATTER", _FAMILY),
    ("people.proxy_begun", "FAMILY_MATTER", _FAMILY),
    ("people.proxy_ended", "FAMILY_MATTER", _FAMILY),
    ("people.proxy_answered", "FAMILY_MATTER", _FAMILY_ANSWER),
)


def map_sandbox_templates(settings: Settings) -> None:
    """Enter all templates; what was entered before is replaced."""
    account, miniprogram = settings.account.app_id, settings.miniprogram.app_id
    for notice, name, fields in _NOTICES:
        map_template(account, Channel.TEMPLATE, notice, f"TPL_ACCOUNT_{name}", fields)
        map_template(account, Channel.SUBSCRIBE, notice, f"BIZ_{name}", fields)
        map_template(miniprogram, Channel.SUBSCRIBE, notice, f"MP_{name}", fields)
