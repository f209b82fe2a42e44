"""The page on open.weixin.qq.com that a web login passes through (wechat-protocol.md §4.1).

WeChat knows whose phone it is; here a cookie says so, which the phone page sets. Without it one is asked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.codes import issue_code
from sandbox.state import Resident
from sandbox.world import World, current_world

consent = Blueprint("consent", __name__, url_prefix="/connect/oauth2")

HOLDER_COOKIE = "sandbox_phone"
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
SCOPES = ("snsapi_base", "snsapi_userinfo")
STATE_LIMIT = 128


class Refused(Exception):
    """What WeChat shows in place of the login; `code` is its number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def own_host(world: World) -> str:
    """The host that is configured as 网页授权域名 and JS 安全域名."""
    return world.state.switches["oauth_domain"] or urlsplit(world.config.public_base_url).hostname or ""


@consent.errorhandler(Refused)
def refused(error: Refused) -> tuple[str, int]:
    """A page, as WeChat shows one; it comes with 200."""
    return render_template("web_refused.html", code=error.code, text=error.text), 200


@consent.get("/authorize")
def authorize() -> AnyResponse | str:
    """Check the address; then lead back with a code, at once or after the resident's consent."""
    world, query = current_world(), request.query_string.decode("ascii", "replace")
    wanted = _checked(world, parse_qsl(query, keep_blank_values=True))
    holder = world.state.residents.get(request.cookies.get(HOLDER_COOKIE, ""))
    if holder is None:
        return render_template("web_holder.html", residents=list(world.state.residents.values()), query=query)
    _look_at_state(world, wanted, holder)
    if wanted["scope"] == "snsapi_base":
        return _back(world, wanted, holder, snapshot=False)
    if world.state.switches["snapshot_user"]:
        return _back(world, wanted, holder, snapshot=True)
    return render_template(
        "web_consent.html", resident=holder, wanted=wanted, host=urlsplit(wanted["redirect_uri"]).hostname
    )


@consent.get("/holder")
def hold() -> AnyResponse:
    """Say whose phone it is, and go on."""
    resident_id, query = request.args.get("resident", ""), request.args.get("query", "")
    if resident_id not in current_world().state.residents:
        raise Refused(10003, "没有这位居民")
    answer = redirect(f"/connect/oauth2/authorize?{query}")
    answer.set_cookie(HOLDER_COOKIE, resident_id, samesite="Lax")
    return answer


@consent.post("/decision")
def decide() -> AnyResponse:
    """The resident allows or refuses; refusing leads back with the state alone."""
    world = current_world()
    wanted = _checked(world, [(name, request.form.get(name, "")) for name in ORDER])
    holder = world.state.residents.get(request.cookies.get(HOLDER_COOKIE, ""))
    if holder is None:
        raise Refused(10003, "不知道是谁的手机，请从链接重新进入")
    if request.form.get("answer") != "allow":
        return redirect(_with(wanted["redirect_uri"], {"state": wanted["state"]}))
    return _back(world, wanted, holder, snapshot=False)


def _checked(world: World, pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The parameters. Raises `Refused` for a wrong order, app id, scope or host of the address to return to."""
    wanted = dict(pairs)
    order = [name for name, _ in pairs if name in ORDER]
    complete = order in ([*ORDER], [*ORDER[:-1]]) and wanted.get("response_type") == "code"
    problem = (
        None if complete else f"参数是 {'、'.join(order) or '（空）'}，response_type={wanted.get('response_type')}"
    )
    _found(world, "page.oauth_order", problem)
    if problem:
        raise Refused(10002, "链接的参数不全，或者顺序不对")
    if wanted["appid"] != world.config.account.app_id:
        raise Refused(40013, "AppID 不对")
    target = urlsplit(wanted["redirect_uri"])
    allowed = target.scheme in ("http", "https") and target.hostname == own_host(world)
    _found(world, "page.oauth_domain", None if allowed else f"回调到 {target.hostname}，授权域名是 {own_host(world)}")
    if not allowed:
        raise Refused(10003, "redirect_uri 域名与后台配置不一致")
    if wanted["scope"] not in SCOPES:
        raise Refused(10005, "scope 参数错误，或没有这个权限")
    return {"state": "", **{name: wanted[name] for name in order}}


def _look_at_state(world: World, wanted: dict[str, str], holder: Resident) -> None:
    state = wanted["state"]
    if len(state.encode()) > STATE_LIMIT:
        raise Refused(10002, "state 太长")
    # A reload by the same person is no fault; one state for several people is.
    before = world.oauth_states.setdefault(state, holder.id) if state else ""
    problem = "没有 state" if not state else "别人用过同一个 state" if before != holder.id else None
    _found(world, "page.oauth_state", problem)


def _found(world: World, rule: str, problem: str | None) -> None:
    world.conformance.found(rule, problem, "网页授权", world.now())


def _back(world: World, wanted: dict[str, str], holder: Resident, snapshot: bool) -> AnyResponse:
    code = issue_code(world, holder, "oauth", wanted["scope"], snapshot)
    entry: dict[str, Any] = {"query": wanted, "body": None}
    target = _with(wanted["redirect_uri"], {"code": code, "state": wanted["state"]})
    world.journal.add(
        at=world.now_text(),
        direction="call",
        method="GET",
        path="/connect/oauth2/authorize",
        app="account",
        request=entry,
        response={"body": "快照页虚拟用户" if snapshot else f"带着 code 回到 {urlsplit(target).path}"},
        status=302,
        duration_ms=0,
        note=f"网页授权：{holder.name}",
    )
    answer: Response | AnyResponse = redirect(target)
    return answer


def _with(address: str, more: dict[str, str]) -> str:
    """The address with parameters added to its query, in front of any fragment."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(more, quote_via=quote)]))
    return parts._replace(query=query).geturl()
