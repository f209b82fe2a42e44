"""Maps every notice to the templates the sandbox has approved, as an operator would map a real account's."""

from __future__ import annotations

from backend.settings import Settings
from messages import Channel, map_template

_EVENT = {"thing1": "matter", "time2": "time", "thing3": "place", "character_string4": "number"}
_APPOINTMENT = _EVENT | {"thing5": "hint"}
_REFUSAL = {"thing1": "matter", "time2": "time", "thing3": "reason", "thing5": "hint"}
_TO_CONFIRM = {"thing1": "matter", "time2": "time", "character_string4": "number"}
_QUEUE = {"thing1": "matter", "thing3": "place", "thing5": "hint"}
_RELEASE = _QUEUE | {"time2": "time"}
_OFFER = _RELEASE | {"thing6": "until"}
_CASE = _QUEUE | {"character_string4": "number", "thing6": "until"}
_RESULT = {"thing1": "matter", "character_string4": "number", "thing3": "result", "thing5": "hint"}
_BOUND = {"time2": "time"}
_FAMILY = {"thing1": "matters", "thing2": "who", "thing5": "hint"}
_FAMILY_ANSWER = {"thing1": "outcome", "thing2": "whom", "thing5": "hint"}

# Template of the sandbox, what its fields are filled from, the notices it carries.
_TEMPLATES = (
    (
        "APPOINTMENT_BOOKED",
        _APPOINTMENT,
        (
            "marriage.booked",
            "marriage.partner_booked",
            "marriage.ceremony_booked",
            "marriage.counselling_booked",
        ),
    ),
    (
        "APPOINTMENT_REMINDER",
        _APPOINTMENT,
        (
            "marriage.reminder_day_before",
            "marriage.reminder_two_hours",
            "marriage.ceremony_in_three_days",
            "marriage.ceremony_tomorrow",
            "marriage.counselling_tomorrow",
            "marriage.counselling_soon",
        ),
    ),
    (
        "APPOINTMENT_CHANGED",
        _APPOINTMENT,
        (
            "marriage.rescheduled",
            "marriage.partner_moved",
            "marriage.moved_by_registry",
            "marriage.move_waiting",
            "marriage.move_not_needed",
            "marriage.ceremony_moved",
            "marriage.ceremony_moved_late",
            "marriage.ceremony_without_place",
            "marriage.counselling_changed",
            "people.booking_stopped",
            "people.booking_restored",
        ),
    ),
    (
        "APPOINTMENT_CANCELLED",
        _REFUSAL,
        ("marriage.refused", "marriage.ceremony_cancelled", "marriage.counselling_cancelled"),
    ),
    ("VISIT_CANCELLED", _EVENT, ("marriage.partner_cancelled", "marriage.event_cancelled")),
    ("APPOINTMENT_MISSED", _QUEUE, ("marriage.no_show", "marriage.booking_paused")),
    ("APPOINTMENT_TO_CONFIRM", _TO_CONFIRM, ("marriage.cloud_asked", "marriage.event_partner_asked")),
    ("EVENT_RESULT", _EVENT, ("marriage.event_placed", "marriage.event_reserve")),
    (
        "SERVICE_PROGRESS",
        _APPOINTMENT,
        (
            "marriage.confirmed",
            "marriage.documents_failed",
            "marriage.cloud_ready",
            "marriage.counselling_link_ready",
            "marriage.archive_asked",
            "marriage.archive_more",
            "marriage.archive_located",
            "marriage.archive_ready",
            "marriage.archive_elsewhere",
            "marriage.archive_not_found",
            "marriage.archive_refused",
            "marriage.archive_lapsed",
            "marriage.case_withdrawn",
        ),
    ),
    (
        "SERVICE_REMINDER",
        _APPOINTMENT,
        (
            "marriage.archive_waiting",
            "marriage.archive_last_days",
            "marriage.case_window_opens",
            "marriage.case_closes_in_ten",
            "marriage.case_closes_in_five",
            "marriage.case_closes_in_two",
            "marriage.case_last_day",
        ),
    ),
    ("CASE_ACCEPTED", _CASE, ("marriage.case_accepted", "marriage.case_dates_moved")),
    (
        "RELEASE_REMINDER",
        _RELEASE,
        ("marriage.peak_day_before", "marriage.peak_soon", "marriage.peak_changed", "marriage.peak_dropped"),
    ),
    ("WAITING_OFFER", _OFFER, ("marriage.waiting_offered",)),
    (
        "QUEUE_RESULT",
        _QUEUE,
        ("marriage.waiting_passed", "marriage.waiting_ended", "marriage.rush_unplaced", "marriage.pause_lifted"),
    ),
    ("REQUEST_RESULT", _RESULT, ("privacy.request_answered",)),
    ("ACCOUNT_BOUND", _BOUND, ("people.identity_joined", "people.products_linked")),
    ("FAMILY_MATTER", _FAMILY, ("people.proxy_asked", "people.proxy_begun", "people.proxy_ended")),
    ("FAMILY_MATTER", _FAMILY_ANSWER, ("people.proxy_answered",)),
)


def map_sandbox_templates(settings: Settings) -> None:
    """Enter all templates; what was entered before is replaced."""
    account, miniprogram = settings.account.app_id, settings.miniprogram.app_id
    for name, fields, notices in _TEMPLATES:
        for notice in notices:
            map_template(account, Channel.TEMPLATE, notice, f"TPL_ACCOUNT_{name}", fields)
            map_template(account, Channel.SUBSCRIBE, notice, f"BIZ_{name}", fields)
            map_template(miniprogram, Channel.SUBSCRIBE, notice, f"MP_{name}", fields)
