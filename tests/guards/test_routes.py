"""Every way in says who may use it, and is closed to everybody else (backend/kernel/access.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import backend.app
from backend import access_guard
from backend.access_guard import UndeclaredRoute, install, route_access
from backend.api.kit import PREFIX
from backend.kernel.access import Access, Caller, access
from backend.staff import Permission
from backend.staff.approvals import approval_kinds

# Staff routes that need no permission, and why.
FOR_ALL_STAFF = {
    "audit.own_number": "about one's own number",
    "audit.relative_declare": "about one's own relatives",
    "audit.relative_remove": "about one's own relatives",
    "audit.relatives": "about one's own relatives",
    "audit.state_reason": "adds a reason of one's own to the trail; what it is about asks for its permission itself",
    "console.appearance": "how the console looks to oneself",
    "console.help_page": "help holds no data",
    "console.help_start": "help holds no data",
    "console.search": "each room gives what the person may see",
    "console.search_form": "each room gives what the person may see",
    "console.worklist": "each part of the page asks for the permission it needs",
    "entry.account_page": "about one's own account",
    "entry.notices_seen": "about one's own account",
    "entry.password_form": "about one's own account",
    "entry.password_page": "about one's own account",
    "entry.proof_form": "about one's own account",
    "entry.proof_page": "about one's own account",
    "entry.recovery_codes_replace": "about one's own account",
    "entry.second_factor_begin": "about one's own account",
    "entry.second_factor_confirm": "about one's own account",
    "entry.second_factor_page": "about one's own account",
    "entry.second_factor_picture": "about one's own account",
    "entry.second_factor_remove": "about one's own account",
    "entry.session_revoke": "ends one of one's own sessions",
    "entry.sessions_revoke_others": "ends one's own sessions",
    "entry.wechat_begin": "about one's own account",
    "entry.wechat_check": "about one's own account",
    "entry.wechat_page": "about one's own account",
    "entry.wechat_unbind": "about one's own account",
    "console.sign_out_form": "whoever is signed in may sign out",
    "console.unknown_page": "answers 404 whatever is asked",
    "staff_desk.approval_approve": "what is asked for names the permission over its place",
    "staff_desk.approval_decline": "what is asked for names the permission over its place",
    "staff_desk.approval_withdraw": "takes back one's own request",
    "staff_desk.approvals": "one's own requests, and those one may decide",
    "staff_desk.my_leave": "one's own leave",
    "staff_desk.my_leave_end": "one's own leave",
    "staff_desk.my_leave_take": "one's own leave, for at most fourteen days",
}
# Open to anyone who can reach the address, and why.
FOR_ANYONE = {
    "api-docs.openapi_json": "the API's description is public",
    "console.asset": "stylesheets and scripts; they hold no data",
    "console.sign_in_code_form": "how one becomes somebody",
    "console.sign_in_code_page": "how one becomes somebody",
    "console.sign_in_form": "how one becomes somebody",
    "console.sign_in_page": "how one becomes somebody",
    "entry.scan_begin": "how one becomes somebody",
    "entry.scan_check": "how one becomes somebody",
    "entry.scan_page": "how one becomes somebody",
    "entry.scan_picture": "the QR code of this browser's own sign-in, found by its cookie",
    "h5.asset": "stylesheets, a script, an icon; they hold no data",
    "h5.login": "how one becomes somebody",
    "h5.login_back": "how one becomes somebody; bound to the browser that began",
    "h5.signed_out": "says what to do next; it holds no data",
    "marriage.list_papers": "what to bring is public",
    "marriage_papers.page": "what to bring is public; nobody is named",
    "h5.privacy": "the privacy rules are public by law",
    "ceremony_page.cloud_page": "a link that cannot be guessed, given to guests by the couple; it names guests alone",
    "ceremony_page.cover": "the picture on that page, once it was looked at; by the same link",
    "ceremony_page.cover_for_wechat": "a link that cannot be guessed, for one check by WeChat; gone after ten minutes",
    "marriage_hall.screen": "the screen of a waiting hall: numbers of tickets and windows, nothing else",
    "marriage_rush.page": "the proof of a rush names nobody",
    "marriage_rushes.get_rush": "peak days and their rules are public",
    "marriage_rushes.list_rushes": "peak days and their rules are public",
    "marriage_rushes.proof": "numbers and times, no names",
    "marriage_free.data": "how many places are free is public and names nobody",
    "marriage_free.page": "how many places are free is public and names nobody",
    "marriage.list_offices": "addresses of offices are public",
    "marriage.list_slots": "free places are public and name nobody",
    "privacy-notice.get_privacy_notice": "the privacy rules are public by law",
    "sessions.create_session": "how one becomes somebody",
}
NOBODY = "00000000-0000-7000-8000-000000000000"


def rules_for(app: Flask, caller: Caller) -> Iterator[tuple[Rule, Access]]:
    """The rules of an application that are declared for a kind of caller."""
    for rule in app.url_map.iter_rules():
        declared = route_access(app, rule.endpoint)
        if declared is not None and declared.caller is caller:
            yield rule, declared


def address_of(rule: Rule, method: str) -> str:
    """An address that a rule matches, about records that do not exist."""
    values: dict[str, Any] = {}
    for argument, converter in rule._converters.items():
        kind = type(converter).__name__
        values[argument] = {"UUIDConverter": NOBODY, "IntegerConverter": 0, "AnyConverter": None}.get(kind, "x")
        if kind == "AnyConverter":
            values[argument] = sorted(converter.items)[0]
    built = rule.build(values, append_unknown=False)
    assert built is not None, f"cannot write an address for {method} {rule.rule}"
    return built[1]


def methods(rule: Rule) -> list[str]:
    """The methods that do something."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def without_permission(app: Flask) -> set[str]:
    """Staff endpoints that any signed-in account may call."""
    return {rule.endpoint for rule, declared in rules_for(app, Caller.STAFF) if declared.permission is None}


def view() -> str:
    return "reached"


def small_app(view_function: Any) -> Flask:
    """An application with one view."""
    app = Flask("small", static_folder=None)
    app.add_url_rule("/small", "small", view_function)
    return app


def test_every_route_says_who_may_call_it(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert len(endpoints) > 20
    assert {endpoint for endpoint in endpoints if route_access(app, endpoint) is None} == set()


def test_an_application_with_an_undeclared_view_does_not_start():
    with pytest.raises(UndeclaredRoute, match="small"):
        install(small_app(lambda: "open to all"))
    install(small_app(access(Caller.ANYONE)(view)))


def test_the_product_with_an_undeclared_view_does_not_start(make_settings: Any, monkeypatch: pytest.MonkeyPatch):
    def slip_in(app: Flask, _settings: object) -> None:
        app.add_url_rule("/api/v1/slipped-in", "slipped_in", lambda: "open to all")

    # Nothing of this process may change, so the application stops at the first thing it would choose for the process.
    for name in ("configure_logging", "_connect", "use_clients"):
        monkeypatch.setattr(backend.app, name, lambda *_: None)
    monkeypatch.setattr(backend.app, "configure_demonstration", slip_in)
    with pytest.raises(UndeclaredRoute, match="slipped_in"):
        backend.app.create_app(make_settings())


def test_a_view_declared_after_start_is_closed():
    # Should a view get past the check, the guard still refuses it.
    app = small_app(access(Caller.ANYONE)(view))
    install(app)
    app.view_functions["small"] = lambda: "open to all"
    assert app.test_client().get("/small").status_code == 403


def test_framework_views_are_the_documented_ones(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints >= access_guard.FRAMEWORK_ENDPOINTS
    assert len(access_guard.FRAMEWORK_ENDPOINTS) == 1


def test_what_is_open_is_open_for_a_reason(app: Flask):
    assert {rule.endpoint for rule, _ in rules_for(app, Caller.ANYONE)} == FOR_ANYONE.keys()


def test_every_staff_route_names_a_permission(app: Flask):
    assert without_permission(app) == FOR_ALL_STAFF.keys()
    permissions = {declared.permission for _, declared in rules_for(app, Caller.STAFF)} - {None}
    assert permissions <= set(Permission)


def test_a_staff_route_without_permission_is_found():
    assert without_permission(small_app(access(Caller.STAFF)(view))) == {"small"}


def test_every_permission_opens_something(app: Flask):
    opened = {declared.permission for _, declared in rules_for(app, Caller.STAFF)}
    decided = {kind.permission for kind in approval_kinds()}
    assert opened | decided >= set(Permission)


def test_staff_routes_lead_strangers_to_the_sign_in(app: Flask, client: FlaskClient):
    routes = [(rule, method) for rule, _ in rules_for(app, Caller.STAFF) for method in methods(rule)]
    assert len(routes) > 5
    for rule, method in routes:
        answer = client.open(address_of(rule, method), method=method)
        assert answer.status_code in (302, 303), f"{method} {rule.rule}: {answer.status_code}"
        assert answer.location.startswith("/console/sign-in")


def test_pages_of_ones_own_lead_strangers_to_wechats_login(app: Flask, client: FlaskClient):
    routes = [(rule, method) for rule, _ in rules_for(app, Caller.RESIDENT_WEB) for method in methods(rule)]
    assert len(routes) >= 2
    for rule, method in routes:
        for cookie in ("", "nobody"):
            client.set_cookie("h5_session", cookie, path="/h5")
            answer = client.open(address_of(rule, method), method=method)
            assert answer.status_code == 303, f"{method} {rule.rule}: {answer.status_code}"
            assert answer.location.startswith("/h5/login?next=")


def test_every_resident_route_answers_401_without_a_login(app: Flask, client: FlaskClient):
    routes = [(rule, method) for rule, _ in rules_for(app, Caller.RESIDENT) for method in methods(rule)]
    assert len(routes) >= 5
    for rule, method in routes:
        for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic bm9ib2R5Og=="}):
            answer = client.open(address_of(rule, method), method=method, headers=headers)
            assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), f"{method} {rule.rule}"
            assert answer.get_json()["code"] == "unauthenticated"


def test_everything_of_the_api_is_for_residents_or_open_for_a_reason(app: Flask):
    of_api = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(f"{PREFIX}/")}
    residents = {rule.endpoint for rule, _ in rules_for(app, Caller.RESIDENT)}
    assert of_api - residents <= FOR_ANYONE.keys()
    assert residents <= of_api


def test_pushes_and_the_clock_refuse_what_is_not_signed(app: Flask, client: FlaskClient):
    for caller in (Caller.WECHAT, Caller.DEMONSTRATION):
        routes = [(rule, method) for rule, _ in rules_for(app, caller) for method in methods(rule)]
        assert routes
        for rule, method in routes:
            answer = client.open(address_of(rule, method), method=method, data=b"{}")
            assert answer.status_code in (400, 403), f"{method} {rule.rule}: {answer.status_code}"
