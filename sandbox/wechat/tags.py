"""Tags of the account's users, as far as conditional menus need them (wechat-protocol.md §6.1)."""

from __future__ import annotations

from typing import Any

from sandbox.state import Resident, Tag
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError

MOST_TAGS, MOST_TAGS_OF_ONE, MOST_OPENIDS = 100, 20, 50
NAME_BYTES = 30
FIRST_OWN_ID = 100  # the numbers below are WeChat's, such as 2 for starred users


def _create(call: Call) -> dict[str, Any]:
    with call.world.lock:
        state, name = call.world.state, _name(call)
        if len(state.tags) >= MOST_TAGS:
            raise WeChatError(45056)
        tag = Tag(id=max([FIRST_OWN_ID - 1, *(tag["id"] for tag in state.tags)]) + 1, name=name)
        state.tags.append(tag)
        call.world.changed()
    return {"tag": dict(tag)}


def _get(call: Call) -> dict[str, Any]:
    with call.world.lock:
        return {"tags": [{**tag, "count": _count(call, tag["id"])} for tag in call.world.state.tags]}


def _update(call: Call) -> dict[str, Any]:
    with call.world.lock:
        tag = _tag(call, _part(call).get("id"))
        tag["name"] = _name(call, but=tag["id"])
        call.world.changed()
    return dict(OK)


def _delete(call: Call) -> dict[str, Any]:
    with call.world.lock:
        tag = _tag(call, _part(call).get("id"))
        call.world.state.tags.remove(tag)
        for resident in call.world.state.residents.values():
            resident.tags = [one for one in resident.tags if one != tag["id"]]
        call.world.changed()
    return dict(OK)


def _batch(call: Call, on: bool) -> dict[str, Any]:
    with call.world.lock:
        tag, openids = _tag(call, call.body.get("tagid")), call.body.get("openid_list")
        if not isinstance(openids, list) or not 1 <= len(openids) <= MOST_OPENIDS:
            raise WeChatError(40032)
        members = [_follower(call, openid) for openid in openids]
        if on and any(len(set(member.tags) | {tag["id"]}) > MOST_TAGS_OF_ONE for member in members):
            raise WeChatError(45059)
        for member in members:
            rest = [one for one in member.tags if one != tag["id"]]
            member.tags = [*rest, tag["id"]] if on else rest
        call.world.changed()
    return dict(OK)


def _of_user(call: Call) -> dict[str, Any]:
    with call.world.lock:
        return {"tagid_list": list(_follower(call, call.body.get("openid")).tags)}


def _members(call: Call) -> dict[str, Any]:
    with call.world.lock:
        tag = _tag(call, call.body.get("tagid"))
        residents = call.world.state.residents.values()
        found = [one.account_openid for one in residents if tag["id"] in one.tags and one.following]
    told: dict[str, Any] = {"count": len(found)}
    return told | ({"data": {"openid": found}, "next_openid": found[-1]} if found else {})


def _part(call: Call) -> dict[str, Any]:
    part = call.body.get("tag")
    return part if isinstance(part, dict) else {}


def _name(call: Call, but: int | None = None) -> str:
    name = _part(call).get("name")
    if not isinstance(name, str) or not name.strip():
        raise WeChatError(45157)
    if len(name.encode()) > NAME_BYTES:
        raise WeChatError(45158)
    if any(tag["name"] == name and tag["id"] != but for tag in call.world.state.tags):
        raise WeChatError(45157)
    return name


def _tag(call: Call, tag_id: Any) -> Tag:
    if tag_id in (0, 1, 2):
        raise WeChatError(45058)
    found = next((tag for tag in call.world.state.tags if tag["id"] == tag_id), None)
    if found is None:
        raise WeChatError(45159)
    return found


def _follower(call: Call, openid: Any) -> Resident:
    resident = call.world.state.by_openid("account", openid) if isinstance(openid, str) else None
    if resident is None:
        raise WeChatError(40003)
    return resident


def _count(call: Call, tag_id: int) -> int:
    return sum(1 for resident in call.world.state.residents.values() if tag_id in resident.tags)


ENDPOINTS = (
    Endpoint("/cgi-bin/tags/create", "POST", _create, only="account"),
    Endpoint("/cgi-bin/tags/get", "GET", _get, only="account"),
    Endpoint("/cgi-bin/tags/update", "POST", _update, only="account"),
    Endpoint("/cgi-bin/tags/delete", "POST", _delete, only="account"),
    Endpoint("/cgi-bin/tags/members/batchtagging", "POST", lambda call: _batch(call, on=True), only="account"),
    Endpoint("/cgi-bin/tags/members/batchuntagging", "POST", lambda call: _batch(call, on=False), only="account"),
    Endpoint("/cgi-bin/tags/getidlist", "POST", _of_user, only="account"),
    Endpoint("/cgi-bin/user/tag/get", "POST", _members, only="account"),
)
