"""The entrance: signing in and out, forged forms, headers, addresses that are not ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.kernel.access import Caller, declared_access
from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.console.support import HTMX, Desk, forgery_token, sign_in

PAGES = (
    "/console/",
    "/console/messages",
    "/console/marriage/appointments",
    "/console/marriage/appointments?tab=pending",
    "/console/marriage/appointments?tab=all",
    "/console/marriage/day-list",
    "/console/search",
    "/console/exports",
    "/console/help",
    "/console/no-such-page",
)


def test_only_the_door_and_files_are_open_to_anyone(app: Flask) -> None:
    console = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")}
    declared = {endpoint: declared_access(app.view_functions[endpoint]) for endpoint in console}
    assert None not in declared.values()
    open_views = {endpoint for endpoint, access in declared.items() if access and access.caller is not Caller.STAFF}
    assert open_views == {
        "console.asset",
        "console.sign_in_code_form",
        "console.sign_in_code_page",
        "console.sign_in_form",
        "console.sign_in_page",
        "entry.scan_begin",
        "entry.scan_check",
        "entry.scan_page",
        "entry.scan_picture",
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_door_and_back(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    door = answer.headers["Location"]
    assert door.startswith("/console/sign-in?next=/console/")
    assert page.split("?")[0] in client.get(door).text


def test_a_stranger_using_htmx_leaves_the_whole_page(client: FlaskClient) -> None:
    answer = client.get("/console/marriage/appointments", headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/console/sign-in")
    assert answer.text == ""


def test_signing_in_goes_on_to_where_one_was_going(client: FlaskClient) -> None:
    form = {"username": "registrar-1", "password": DEMONSTRATION_PASSWORD, "csrf_token": forgery_token(client)}
    answer = client.post("/console/sign-in", data=form | {"next": "/console/messages"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/messages")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/console/../api/v1/x",
        "/console//evil.example",
        "/console/\\evil",
        "/elsewhere",
        "/console/\r\nX: y",
        "javascript:alert(1)",
    ],
)
def test_signing_in_never_leads_elsewhere(client: FlaskClient, target: str) -> None:
    form = {"username": "registrar-1", "password": DEMONSTRATION_PASSWORD, "csrf_token": forgery_token(client)}
    assert client.post("/console/sign-in", data=form | {"next": target}).headers["Location"] == "/console/"


def test_a_wrong_password_is_told_and_not_repeated(client: FlaskClient) -> None:
    answer = sign_in(client, "registrar-1", "a wrong password")
    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.text
    assert 'value="registrar-1"' in answer.text
    assert "a wrong password" not in answer.text
    assert client.get("/console/").status_code == 302


def test_five_wrong_passwords_shut_the_door(client: FlaskClient) -> None:
    for _ in range(5):
        sign_in(client, "registrar-1", "a wrong password")
    assert sign_in(client, "registrar-1").status_code == 401


def test_the_cookie_is_out_of_reach(client: FlaskClient, app: Flask) -> None:
    cookie = next(c for c in sign_in(client, "registrar-1").headers.getlist("Set-Cookie") if "console_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/console" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie


def test_cookies_need_tls_in_production(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token = forgery_token(client)
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    form = {"username": "registrar-1", "password": DEMONSTRATION_PASSWORD, "csrf_token": token}
    cookies = client.post("/console/sign-in", data=form).headers.getlist("Set-Cookie")
    assert all("Secure" in cookie for cookie in cookies)


def test_signing_out_ends_the_session_on_the_server(desk: Callable[[str], Desk]) -> None:
    somebody = desk("registrar-1")
    kept = somebody.client.get_cookie("console_session", path="/console")
    assert kept is not None
    assert somebody.post("/console/sign-out").headers["Location"] == "/console/sign-in"
    somebody.client.set_cookie("console_session", kept.value, path="/console")
    assert somebody.get("/console/").status_code == 302


def test_whoever_is_signed_in_is_not_asked_again(desk: Callable[[str], Desk]) -> None:
    assert desk("admin").get("/console/sign-in").headers["Location"] == "/console/"


POSTS = (
    "/console/sign-out",
    "/console/search",
    "/console/appearance",
    "/console/exports/new/marriage.appointments",
    "/console/exports/00000000-0000-0000-0000-000000000000/file",
    "/console/marriage/appointments/00000000-0000-0000-0000-000000000000/confirm",
    "/console/marriage/appointments/00000000-0000-0000-0000-000000000000/parties/0/number",
    "/console/messages/00000000-0000-0000-0000-000000000000/again",
    "/console/messages/00000000-0000-0000-0000-000000000000/settle",
)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", [{}, {"csrf_token": "forged"}])
def test_a_form_without_our_token_does_nothing(desk: Callable[[str], Desk], path: str, token: dict[str, str]) -> None:
    answer = desk("registrar-1").client.post(path, data=token)
    assert answer.status_code == 400
    assert "刚才的操作没有执行" in answer.text


def test_htmx_without_our_token_does_nothing(desk: Callable[[str], Desk]) -> None:
    answer = desk("registrar-1").client.post(POSTS[1], headers=HTMX)
    assert answer.status_code == 400
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text


def test_signing_in_without_our_token_does_nothing(client: FlaskClient) -> None:
    form = {"username": "registrar-1", "password": DEMONSTRATION_PASSWORD}
    assert client.post("/console/sign-in", data=form).status_code == 400


def test_a_forged_form_of_a_stranger_leads_to_the_door(client: FlaskClient) -> None:
    assert client.post("/console/sign-out").headers["Location"].startswith("/console/sign-in")


@pytest.mark.parametrize("page", [*PAGES, "/console/sign-in"])
def test_pages_are_not_kept_and_not_framed(desk: Callable[[str], Desk], page: str) -> None:
    headers = desk("registrar-1").get(page).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_files_may_be_kept_by_their_digest(client: FlaskClient) -> None:
    page = client.get("/console/sign-in").text
    address = next(part for part in page.split('"') if part.startswith("/console/assets/console.css?v="))
    answer = client.get(address)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["../kit.py", "..%2fkit.py", "no-such-file.css", "%2e%2e/kit.py"])
def test_only_files_meant_for_browsers_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/console/assets/{name}").status_code in (302, 404)


def test_vendored_files_come_with_their_licences(client: FlaskClient) -> None:
    for name in ("htmx.LICENSE.txt", "pico.LICENSE.md"):
        assert client.get(f"/console/assets/vendor/{name}").status_code == 200


def test_an_unknown_page_is_told_in_words(desk: Callable[[str], Desk]) -> None:
    answer = desk("registrar-1").get("/console/no-such-page")
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_a_fault_shows_a_reference_that_is_in_the_log(
    desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    somebody = desk("registrar-1")

    def fail(*_: object) -> None:
        raise RuntimeError("张三 610102199002153456")

    monkeypatch.setattr("backend.marriage.desk.queries.tab_counts", fail)
    answer = somebody.get("/console/marriage/appointments")
    assert answer.status_code == 500
    reference = caplog.records[-1].__dict__["reference"]
    assert reference in answer.text
    assert "610102" not in answer.text
