"""The factory: settings → storage → blueprints → command line. No logic of its own."""

from __future__ import annotations

from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from backend import access_guard, operations
from backend.api.joined import join_answers
from backend.api.kit import configure_api
from backend.api.own_logins import blueprint as me_api
from backend.api.proxies import blueprint as proxies_api
from backend.api.rights import blueprint as rights_api
from backend.api.rights import choices as choices_api
from backend.api.rights import notices as notices_api
from backend.api.sessions import blueprint as sessions_api
from backend.channel.connect import make_client
from backend.chat.callback import create_callback_blueprint
from backend.chat.joined import join_conversations
from backend.chat.late import NOTICE as LATE_ANSWER
from backend.chat.late import read_late_answer
from backend.chat.pictures import tell_of_refused
from backend.commands import register_commands
from backend.console.audit_pages import audit_console
from backend.console.channel_pages.room import channel_console
from backend.console.entry_pages.room import entry_room
from backend.console.kit import install_console
from backend.console.life_pages.room import life_console
from backend.console.people_pages.room import people_console
from backend.console.rights_pages import rights_console
from backend.console.rooms import ConsoleRoom
from backend.console.settings_pages.room import settings_console
from backend.console.staff_pages.room import staff_console
from backend.demonstration.clock import configure_demonstration
from backend.files.clamd import scanner_at
from backend.files.receive import join_uploads, on_settled
from backend.files.vault import use_vault
from backend.h5.coming import offer_coming
from backend.h5.site import h5
from backend.jobs.clients import use_clients
from backend.jobs.queue import use_redis
from backend.logs import configure_logging
from backend.marriage.api import blueprint as marriage_api
from backend.marriage.archive.api import blueprint as archive_api
from backend.marriage.archive.coming import coming_requests
from backend.marriage.archive.console import archive_console
from backend.marriage.archive.joined import join_requests
from backend.marriage.archive.life_events import react_to_life_events as archive_reacts
from backend.marriage.arrive_page import blueprint as marriage_arrive
from backend.marriage.blessings.api import blueprint as blessings_api
from backend.marriage.blessings.holdings import join_guests
from backend.marriage.capacity.shut import shut_freed
from backend.marriage.ceremonies.api import blueprint as ceremonies_api
from backend.marriage.ceremonies.console import ceremonies_console
from backend.marriage.ceremonies.joined import join_ceremonies
from backend.marriage.ceremonies.life_events import react_to_life_events as ceremonies_react
from backend.marriage.coming import coming_appointments, coming_rushes
from backend.marriage.console import marriage_console
from backend.marriage.counselling.api import blueprint as counselling_api
from backend.marriage.counselling.console import counselling_console
from backend.marriage.counselling.h5 import coming_counselling
from backend.marriage.counselling.joined import join_counselling
from backend.marriage.counselling.life_events import react_to_life_events as counselling_reacts
from backend.marriage.covers.api import blueprint as covers_api
from backend.marriage.covers.holdings import join_covers
from backend.marriage.covers.page import ceremony_page
from backend.marriage.divorce.api import blueprint as divorce_api
from backend.marriage.divorce.care import offer_care
from backend.marriage.divorce.console import divorce_console
from backend.marriage.divorce.joined import join_parties
from backend.marriage.divorce.life_events import react_to_life_events as divorce_reacts
from backend.marriage.free.page import free_h5
from backend.marriage.freed import on_freed
from backend.marriage.hall import blueprint as marriage_hall
from backend.marriage.joined import join_bookers
from backend.marriage.life_events import react_to_life_events as marriage_reacts
from backend.marriage.papers.h5 import papers_h5
from backend.marriage.partners.tell import join_partners
from backend.marriage.planning.api import blueprint as moves_api
from backend.marriage.planning.console import capacity_console
from backend.marriage.resources.console import resources_console
from backend.marriage.rush.holdings import join_askers
from backend.marriage.rush.life_events import react_to_life_events as rush_reacts
from backend.marriage.rushes.api import blueprint as rushes_api
from backend.marriage.rushes.console import rushes_console
from backend.marriage.rushes.page import rush_h5
from backend.marriage.waiting.holdings import join_waiters
from backend.marriage.waiting.life_events import react_to_life_events as waiting_reacts
from backend.marriage.waiting.offer import note_freed
from backend.marriage.waitlist.api import blueprint as waitlist_api
from backend.marriage.waitlist.console import waiting_console
from backend.people import on_joined
from backend.people.entry.life_events import react_to_life_events as logins_react
from backend.people.proxies.joined import join_ties
from backend.people.proxies.life_events import react_to_life_events as proxies_react
from backend.people.proxies.scopes import offer_scopes
from backend.people.rights.holdings import use_holdings
from backend.people.rights.joined import move_when_joined
from backend.people.rights.notice import use_base_url
from backend.people.rights.retention import use_rules
from backend.people.verification_http import HttpVerificationService
from backend.people.verification_service import use_verification_service
from backend.personal_data import HOLDINGS, RULES
from backend.rate_limits import configure_limits
from backend.settings import Settings, read_settings
from backend.storage import Database, KeyRing, use_database, use_keys
from backend.wechat.client import WeChatClient
from backend.wechat.web_login import WebLogin
from messages.joining import join_recipients
from messages.kept import keep_words

MAX_BODY_BYTES = 1 << 20


_APIS = (
    sessions_api,
    notices_api,
    choices_api,
    rights_api,
    me_api,
    proxies_api,
    marriage_api,
    waitlist_api,
    rushes_api,
    divorce_api,
    moves_api,
    ceremonies_api,
    blessings_api,
    covers_api,
    counselling_api,
    archive_api,
)
_PAGES = (h5, papers_h5, free_h5, rush_h5, marriage_hall, marriage_arrive, ceremony_page)


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve or to run commands.

    Raises `SettingsError` naming the setting that stops start-up.
    """
    settings = settings or read_settings()
    configure_logging()
    app = Flask("backend", static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    app.extensions["settings"] = settings
    if not settings.demonstration:
        # Production stands behind one proxy (docs/operations.md): callers are counted by their own addresses.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    _connect(app, settings)
    _register_joins()
    _register_life_events()
    _register_pages()
    _register_personal_data(settings)
    configure_demonstration(app, settings)
    configure_limits(app, settings)
    api = configure_api(app)
    for blueprint in _APIS:
        api.register_blueprint(blueprint)
    app.register_blueprint(create_callback_blueprint(settings))
    app.register_blueprint(operations.create_blueprint())
    for pages in _PAGES:
        app.register_blueprint(pages)
    install_console(app, _console_rooms(), secure_cookies=not settings.demonstration)
    register_commands(app)
    access_guard.install(app)
    return app


def _console_rooms() -> list[ConsoleRoom]:
    return [
        marriage_console,
        divorce_console,
        archive_console,
        capacity_console,
        rushes_console,
        waiting_console,
        ceremonies_console,
        counselling_console,
        resources_console,
        people_console,
        life_console,
        rights_console,
        staff_console,
        settings_console,
        audit_console,
        entry_room,
        channel_console,
    ]


def _connect(app: Flask, settings: Settings) -> None:
    use_database(Database(settings.database_url))
    before = settings.blind_index_keys_before
    use_keys(KeyRing(settings.field_keys, settings.blind_index_key, settings.field_cipher, before))
    # Short time-outs: Redis holds only what can be lost, so nothing may wait long for it.
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=1, socket_timeout=2)
    app.extensions["redis"] = redis
    use_redis(settings.redis_url)
    app.extensions["wechat_account"] = make_client(settings.account, settings, redis)
    app.extensions["wechat_miniprogram"] = make_client(settings.miniprogram, settings, redis)
    app.extensions["wechat_web_login"] = WebLogin(
        settings.account, settings.wechat_api_base_url, settings.wechat_open_base_url
    )
    use_clients(lambda: _make_clients(settings, redis))
    use_vault(settings.data_dir / "files", scanner_at(settings.clamd_address) if settings.clamd_address else None)
    use_verification_service(_verification_service(settings))


def _verification_service(settings: Settings) -> HttpVerificationService | None:
    """The bureau's verification service; None where it has none, and staff verify."""
    url, key = settings.verification_service_url, settings.verification_service_key
    return HttpVerificationService(url, key) if url and key else None


def _register_joins() -> None:
    """Who moves what when two persons turn out to be one. A chat turn under way is waited for first."""
    on_joined(join_conversations, "conversations")
    on_joined(join_bookers, "marriage_appointments")
    on_joined(join_waiters, "marriage_waiting")
    on_joined(join_partners, "marriage_partner_notes")
    on_joined(join_askers, "marriage_rush_requests", "marriage_peak_watches", "marriage_rush_early_tries")
    on_joined(join_parties, "divorce_parties", "divorce_care")
    on_joined(join_requests, "archive_requests")
    on_joined(join_ceremonies, "marriage_group_entries", "marriage_cloud_consents")
    on_joined(join_guests, "marriage_blessings")
    on_joined(join_covers, "marriage_covers")
    on_joined(join_counselling, "counselling_sessions", "counselling_callbacks")
    on_joined(join_answers, "idempotent_answers")
    on_joined(join_uploads, "uploads")
    on_joined(join_ties, "proxy_ties", "acts_on_behalf")
    move_when_joined()
    on_joined(join_recipients, "message_addresses", "outbox_messages", "reminders", "reminder_refusals")


def _register_life_events() -> None:
    """What helpers can act in, and who does what when something happens to a person."""
    offer_scopes()
    proxies_react()
    marriage_reacts()
    divorce_reacts()
    ceremonies_react()
    archive_reacts()
    counselling_reacts()
    waiting_reacts()
    rush_reacts()
    logins_react()
    on_freed("waiting", note_freed)
    on_freed("capacity", shut_freed)


def _register_pages() -> None:
    """What the services tell residents on their web pages."""
    offer_coming(coming_appointments)
    offer_coming(coming_rushes)
    offer_coming(coming_requests)
    offer_coming(coming_counselling)


def _register_personal_data(settings: Settings) -> None:
    """What each room holds about a person and how long it keeps it; where the public reads about it."""
    use_holdings(HOLDINGS)
    use_rules(RULES)
    offer_care()
    use_base_url(settings.public_base_url)
    keep_words(LATE_ANSWER, read_late_answer)
    on_settled(tell_of_refused)


def _make_clients(settings: Settings, redis: Redis) -> dict[str, WeChatClient]:
    """Clients by app id, for delivery; made anew in each forked worker, since connections cannot be shared."""
    return {app.app_id: make_client(app, settings, redis) for app in (settings.account, settings.miniprogram)}
