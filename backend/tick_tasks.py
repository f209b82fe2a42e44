"""What the rooms want done from time to time; run by the tick under its lease."""

from __future__ import annotations

from collections.abc import Sequence

from backend.chat.expiry import expire_conversations
from backend.chat.late_work import answer_late
from backend.console.exports.build import anything_due as any_export_due
from backend.console.exports.build import build_next
from backend.console.exports.forget import expire_files
from backend.files.erasing import remove_files
from backend.files.fetch import anything_due as any_upload_due
from backend.files.fetch import fetch_next
from backend.jobs.lookups import check_picture, check_words, unionid_by_app
from backend.jobs.media import fetch_media
from backend.jobs.queue import wake_exports, wake_files, wake_lookups
from backend.jobs.tick import Task, repeated
from backend.marriage.archive.follow import lapse_unfetched
from backend.marriage.archive.follow import recount_due as recount_archive
from backend.marriage.blessings.check import anything_due as any_blessing_due
from backend.marriage.blessings.check import check_next
from backend.marriage.capacity.answer import keep_unanswered
from backend.marriage.capacity.lost_days import note_lost_days
from backend.marriage.capacity.place import place_waiting
from backend.marriage.ceremonies.draw import settle_events
from backend.marriage.ceremonies.follow import end_clouds, finish_held, follow_registrations
from backend.marriage.counselling.hold_talk import close_over
from backend.marriage.covers.check import anything_to_ask as any_cover_due
from backend.marriage.covers.check import ask_about_next, take_verdicts
from backend.marriage.divorce.follow import find_persons, follow_bookings, move_by_time, recount_days
from backend.marriage.fill_search import fill_search_columns
from backend.marriage.no_shows import note_absences
from backend.marriage.open_slots import open_slots
from backend.marriage.partners.tell import tell_partners
from backend.marriage.places import release_expired_holds
from backend.marriage.rush.peaks import follow_watches
from backend.marriage.rush.plan import plan_rushes
from backend.marriage.rush.settle import settle_rushes
from backend.marriage.waiting.leave import end_over, expire_offers
from backend.marriage.waiting.offer import offer_left_over
from backend.people.entry.unionids import anything_due as any_lookup_due
from backend.people.entry.unionids import ask_next
from backend.people.joining import sweep_joins
from backend.people.proxies.answer import lapse_asked
from backend.people.rights.requests import recount_due
from backend.people.rights.retention import run_turn
from backend.staff.approvals import expire as expire_approvals
from backend.staff.audit.bookmark import verify_more
from backend.storage import transaction
from backend.wechat.housekeeping import forget_old


def release_holds() -> int:
    """Free the places of holds that have run out."""
    with transaction():
        return release_expired_holds()


def sweep_exports() -> None:
    """Have made the files that Redis forgot to ask for; while Redis is away, make one here."""
    if any_export_due() and not wake_exports():
        build_next()


def sweep_lookups() -> None:
    """Have asked about the followers that Redis forgot to ask for; while Redis is away, ask about one here."""
    if any_lookup_due() and not wake_lookups():
        ask_next(unionid_by_app)


def sweep_blessings() -> None:
    """Have guests' words looked at; while Redis is away, have one looked at here."""
    if any_blessing_due() and not wake_lookups():
        check_next(check_words)


def sweep_covers() -> None:
    """Have WeChat asked about pictures; while Redis is away, ask about one here."""
    if any_cover_due() and not wake_lookups():
        ask_about_next(check_picture)


def sweep_uploads() -> None:
    """Have fetched the pictures that Redis forgot to ask for; while Redis is away, fetch one here."""
    if any_upload_due() and not wake_files():
        fetch_next(fetch_media)


def room_tasks() -> Sequence[Task]:
    """Name, seconds between runs, and what to run."""
    return (
        Task("marriage.release_holds", 2, release_holds),
        Task("marriage.open_slots", 60, open_slots),
        Task("marriage.note_lost_days", 60, note_lost_days),
        Task("marriage.waiting_expire_offers", 2, repeated(expire_offers)),
        Task("marriage.plan_rushes", 60, plan_rushes),
        Task("marriage.follow_watches", 60, repeated(follow_watches)),
        Task("marriage.settle_rushes", 1, repeated(settle_rushes)),
        Task("marriage.tell_partners", 10, repeated(tell_partners)),
        Task("marriage.waiting_offer", 5, offer_left_over),
        Task("marriage.waiting_end_over", 60, repeated(end_over)),
        Task("marriage.note_absences", 60, repeated(note_absences)),
        Task("marriage.fill_search_columns", 60, repeated(fill_search_columns)),
        Task("ceremonies.finish_held", 60, repeated(finish_held)),
        Task("ceremonies.follow_registrations", 60, repeated(follow_registrations)),
        Task("ceremonies.settle_events", 30, repeated(settle_events)),
        Task("ceremonies.end_clouds", 60, repeated(end_clouds)),
        Task("blessings.check", 2, sweep_blessings),
        Task("covers.ask", 2, sweep_covers),
        Task("covers.take_verdicts", 2, take_verdicts),
        Task("archive.lapse_unfetched", 60, repeated(lapse_unfetched)),
        Task("archive.recount_due", 600, recount_archive),
        Task("counselling.close_over", 60, repeated(close_over)),
        Task("marriage.place_moved", 10, place_waiting),
        Task("marriage.keep_unanswered", 60, repeated(keep_unanswered)),
        Task("divorce.move_by_time", 30, repeated(move_by_time)),
        Task("divorce.follow_bookings", 30, repeated(follow_bookings)),
        Task("divorce.find_persons", 60, repeated(find_persons)),
        Task("divorce.recount_days", 300, recount_days),
        Task("exports.sweep", 5, sweep_exports),
        Task("exports.expire_files", 60, repeated(expire_files)),
        Task("files.sweep", 2, sweep_uploads),
        Task("files.remove", 60, repeated(remove_files)),
        Task("chat.expire_conversations", 30, expire_conversations),
        Task("chat.answer_late", 2, answer_late),
        Task("rights.retention", 5, run_turn),
        Task("rights.recount_due", 600, recount_due),
        Task("people.sweep_joins", 60, sweep_joins),
        Task("people.sweep_lookups", 5, sweep_lookups),
        Task("people.lapse_proxies", 60, lapse_asked),
        Task("staff.expire_approvals", 60, repeated(expire_approvals)),
        Task("wechat.forget_old", 3600, repeated(forget_old)),
        Task("audit.verify", 60, verify_more),
    )
