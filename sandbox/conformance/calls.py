"""The rules for calls: what an errcode says about the caller, and what only a row of calls shows."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.conformance.evidence import CallSeen

Finding = tuple[str, str | None]

TEMPLATE_SENDS = frozenset(
    {"/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/message/subscribe/send"}
)
ACCOUNT_SENDS = frozenset(
    {"/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/message/custom/send"}
)
CODE_CALLS = frozenset({"/sns/jscode2session", "/sns/oauth2/access_token", "/wxa/business/getuserphonenumber"})
NEED_SECRET = frozenset(
    {"/cgi-bin/token", "/cgi-bin/stable_token", "/sns/jscode2session", "/sns/oauth2/access_token"}
    | {"/cgi-bin/clear_quota/v2"}
)
# The rule that an errcode speaks of. What a citizen or the time may cause alone (40029, 61010…) is not in "must" rules.
RULE_OF: dict[int, str] = {
    code: rule
    for rule, codes in {
        "call.address": (40066,),
        "call.method": (43001, 43002),
        "call.json": (44002, 47001, 40033),
        "call.token_given": (41001,),
        "call.token_formed": (40014,),
        "call.credentials": (40002, 40013, 40125, 41002, 41004),
        "call.product": (48001,),
        "call.openid": (40003, 49003),
        "call.template": (40037,),
        "call.fields": (47003,),
        "call.credit": (43101,),
        "call.follower": (43004,),
        "call.window": (45015, 45047),
        "call.one_at_a_time": (43108,),
        "call.code": (40163,),
        "call.quota": (45009, 45011),
        "call.menu": (*range(40016, 40029), 40054, 40055, 45064, 65301, 65303, 65304, 65316, 65320),
        "call.miniprogram_page": (41030, 40165, 40169, 40097, 40212, 85401),
        "call.media": (40004, 40006, 40007, 40009, 41005),
        "call.check_active": (61010,),
        "call.arguments": (40008, 45002, 45008, 40053, 45072, 45157, 45158, 40032, 40165),
    }.items()
    for code in codes
}
RULE_OF[40165] = "call.miniprogram_page"
FINAL = frozenset({40003, 40037, 43004, 43019, 43101, 43107, 47003, 48002, 40029, 40163})
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
QUOTA_GONE = {45009: 86400, 45011: 60}
ATTEMPTS_PER_CALL, ATTEMPT_SECONDS = 2, 5.0
# What was already on its way when the refusal came is nobody's fault.
GRACE_SECONDS = 2.0
FORCED_GAP_SECONDS, FORCED_PER_DAY = 30, 20
CLASSIC_FRESH_SECONDS = 7200 - 300
REMEMBERED = 2000


class CallRules:
    """Checks calls one after another; remembers what a later call is measured by. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: dict[Any, list[float]] = {}
        self._final: dict[Any, tuple[int, float]] = {}
        self._empty: dict[tuple[str, str], tuple[int, float, float]] = {}
        self._forced: dict[str, list[float]] = {}
        self._classic: dict[str, float] = {}
        self._gone: dict[str, float] = {}

    def check(self, seen: CallSeen) -> list[Finding]:
        """All findings of one call: (rule, problem or None where it was kept)."""
        with self._lock:
            found = [*_errcode(seen), *_places(seen), *_content(seen)]
            for look in (self._retries, self._repeats, self._quotas, self._tokens, self._leavers):
                found += look(seen)
            _trim(self._refused)
            _trim(self._final)
        return found

    def left(self, openid: str, monotonic: float) -> None:
        """Somebody unfollowed."""
        with self._lock:
            self._gone[openid] = monotonic

    def changed(self, openid: str) -> None:
        """Somebody followed, consented or wrote: what was final for them may go now."""
        with self._lock:
            self._gone.pop(openid, None)
            self._final = {key: value for key, value in self._final.items() if openid.encode() not in key[2]}

    def _retries(self, seen: CallSeen) -> Iterator[Finding]:
        refused = [at for at in self._refused.pop(seen.identity, []) if at > seen.monotonic - ATTEMPT_SECONDS]
        if seen.answered in TOKEN_REFUSED:
            refused.append(seen.monotonic)
            self._refused[seen.identity] = refused
            many = len(refused) > ATTEMPTS_PER_CALL
            yield "call.token_retry", f"同一次调用因令牌被拒试了 {len(refused)} 次" if many else None

    def _repeats(self, seen: CallSeen) -> Iterator[Finding]:
        before = self._final.get(seen.identity)
        if before and seen.method == "POST":
            code, _ = before
            yield "call.final", f"{code} 之后原样重发了一次"
        elif seen.answered in FINAL:
            yield "call.final", None
        if seen.answered in FINAL:
            self._final[seen.identity] = seen.answered, seen.monotonic

    def _quotas(self, seen: CallSeen) -> Iterator[Finding]:
        if seen.path.startswith("/cgi-bin/clear_quota") and seen.answered == 0:
            self._empty = {key: value for key, value in self._empty.items() if key[0] != seen.product}
        key = seen.product, seen.path
        code, at, since = self._empty.get(key, (0, 0.0, 0.0))
        if code:
            same = _period(at, QUOTA_GONE[code]) == _period(seen.at, QUOTA_GONE[code])
            late = same and seen.monotonic > since + GRACE_SECONDS
            yield "call.stop_at_quota", f"{code} 之后还在调用 {seen.path}" if late else None
            if not same:
                del self._empty[key]
        if seen.answered in QUOTA_GONE and key not in self._empty:
            self._empty[key] = seen.answered, seen.at, seen.monotonic

    def _tokens(self, seen: CallSeen) -> Iterator[Finding]:
        if seen.path == "/cgi-bin/stable_token" and seen.body.get("force_refresh") is True:
            forced = [at for at in self._forced.get(seen.product, []) if at > seen.at - 86400]
            problem = None
            if forced and seen.at - forced[-1] < FORCED_GAP_SECONDS:
                problem = f"离上次强制刷新只有 {seen.at - forced[-1]:.0f} 秒"
            elif len(forced) >= FORCED_PER_DAY:
                problem = f"24 小时里第 {len(forced) + 1} 次强制刷新"
            self._forced[seen.product] = [*forced, seen.at]
            yield "call.force_refresh", problem
        if seen.path == "/cgi-bin/token" and seen.answered == 0:
            age = seen.at - self._classic.get(seen.product, 0.0)
            early = 0 <= age < CLASSIC_FRESH_SECONDS
            self._classic[seen.product] = seen.at
            yield "call.one_refresher", f"上一个令牌才用了 {age:.0f} 秒" if early else None
        elif seen.answered in TOKEN_REFUSED:
            self._classic.pop(seen.product, None)

    def _leavers(self, seen: CallSeen) -> Iterator[Finding]:
        touser = seen.body.get("touser")
        if seen.path in ACCOUNT_SENDS and isinstance(touser, str) and seen.product == "account":
            left = self._gone.get(touser)
            late = left is not None and seen.monotonic > left + GRACE_SECONDS
            yield "call.gone", "收信人已经取消关注" if late else None


def _trim(memory: dict[Any, Any]) -> None:
    while len(memory) > REMEMBERED:
        del memory[next(iter(memory))]


def _period(at: float, seconds: int) -> int:
    # Beijing's midnight, and full minutes.
    return int((at + 8 * 3600) // seconds)


def _errcode(seen: CallSeen) -> Iterator[Finding]:
    """A good answer keeps the rules that its errcodes speak of; a refusal breaks one."""
    if seen.errcode is None:
        return
    broken = RULE_OF.get(seen.errcode)
    if broken == "call.fields" and seen.path not in TEMPLATE_SENDS:
        broken = "call.arguments"
    for rule in _spoken_of(seen):
        if rule != broken:
            yield rule, None
    if broken:
        yield broken, f"微信回答 {seen.errcode}"


def _spoken_of(seen: CallSeen) -> Iterable[str]:
    if seen.errcode:
        return
    yield from ("call.address", "call.method")
    if seen.method == "POST":
        yield from ("call.json", "call.arguments")
    if "access_token" in seen.args:
        yield from ("call.token_given", "call.token_formed", "call.product", "call.quota")
    if "openid" in seen.args or "touser" in seen.body or "openid" in seen.body:
        yield "call.openid"
    if seen.path in NEED_SECRET:
        yield "call.credentials"
    if seen.path in TEMPLATE_SENDS:
        yield from ("call.template", "call.fields", "call.one_at_a_time")
        yield "call.follower" if seen.path.endswith("template/send") else "call.credit"
    if seen.path in CODE_CALLS:
        yield "call.code"
    for start, rule in (
        ("/cgi-bin/menu/", "call.menu"),
        ("/cgi-bin/media/", "call.media"),
        ("/cgi-bin/message/custom/send", "call.window"),
        ("/wxa/getwxacode", "call.miniprogram_page"),
        ("/wxa/generate", "call.miniprogram_page"),
        ("/wxa/msg_sec_check", "call.check_active"),
    ):
        if seen.path.startswith(start):
            yield rule


def _places(seen: CallSeen) -> Iterator[Finding]:
    names = {*seen.args, *seen.body}
    if "access_token" in seen.body:
        yield "call.token_given", "access_token 写在了请求体里"
    secret = names & {"secret", "appsecret"} and seen.path not in NEED_SECRET
    problem = (
        "把 AppSecret 交给了不需要它的接口" if secret else "传出了 session_key" if "session_key" in names else None
    )
    yield "call.secret_place", problem


def _content(seen: CallSeen) -> Iterator[Finding]:
    if seen.path == "/cgi-bin/message/template/send":
        data = seen.body.get("data")
        old = sorted({"first", "remark"} & set(data)) if isinstance(data, dict) else []
        yield "call.first_remark", f"传了 {'、'.join(old)}" if old else None
    if seen.path in ("/wxa/msg_sec_check", "/wxa/media_check_async"):
        wanted = seen.body.get("version") == 2 and seen.body.get("openid") and seen.body.get("scene")
        yield "call.check_version", None if wanted else "缺 version=2、openid 或 scene"
