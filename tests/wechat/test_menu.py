"""Menus: checked before they are sent, published with the one for elders, compared with what is there (§6.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from backend.channel.menu import elders_menu, menu_differs, our_menu, publish_menu
from backend.channel.texts import ELDERS_TAG
from backend.settings import WeChatApp
from backend.wechat.client import WeChatClient
from backend.wechat.errors import BadContent, Misconfigured, OutcomeUnknown
from backend.wechat.menu import MenuFault, check_menu
from tests.wechat.stand_in import Call, Reply, StandIn, refusal, success
from workflows.chat.flows import DIRECTORY

pytestmark = pytest.mark.usefixtures("clock")

CREATE, GET = "/cgi-bin/menu/create", "/cgi-bin/menu/get"
ADD, DELETE = "/cgi-bin/menu/addconditional", "/cgi-bin/menu/delconditional"
TAGS, NEW_TAG = "/cgi-bin/tags/get", "/cgi-bin/tags/create"

CLICK = {"type": "click", "name": "办事", "key": "GUIDE"}


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


@pytest.fixture
def menus(wechat: StandIn) -> dict[str, Any]:
    """What is published: WeChat's menu endpoints, remembering."""
    kept: dict[str, Any] = {"menu": None, "conditional": {}, "tags": [{"id": 2, "name": "星标组", "count": 0}]}

    def create(call: Call) -> Reply:
        kept["menu"] = json.loads(call.body)
        return Reply()

    def get(_call: Call) -> Reply:
        if kept["menu"] is None:
            return refusal(46003)
        listed = [{**menu, "menuid": number} for number, menu in kept["conditional"].items()]
        return success(menu={**kept["menu"], "menuid": 1}, **({"conditionalmenu": listed} if listed else {}))

    def add(call: Call) -> Reply:
        number = 400000001 + len(wechat.calls)
        kept["conditional"][number] = json.loads(call.body)
        return success(menuid=str(number))

    def delete(call: Call) -> Reply:
        del kept["conditional"][int(json.loads(call.body)["menuid"])]
        return Reply()

    def new_tag(call: Call) -> Reply:
        tag = {"id": 100 + len(kept["tags"]), "name": json.loads(call.body)["tag"]["name"]}
        kept["tags"].append(tag)
        return success(tag=tag)

    wechat.answers |= {CREATE: create, GET: get, ADD: add, DELETE: delete, NEW_TAG: new_tag}
    wechat.answers[TAGS] = lambda _call: success(tags=kept["tags"])
    return kept


def top(**changes: Any) -> dict[str, Any]:
    return {"button": [{**CLICK, **changes}]}


@pytest.mark.parametrize(
    ("menu", "where", "why"),
    [
        ({}, "", "count"),
        ({"button": []}, "", "count"),
        ({"button": [CLICK] * 4}, "", "count"),
        ({"button": ["click"]}, "1", "button"),
        (top(name=""), "1", "name"),
        (top(name="办事指南六个字"), "1", "name"),  # 21 bytes of 16
        (top(type="swipe"), "1", "type"),
        (top(key=""), "1", "key"),
        (top(key="k" * 129), "1", "key"),
        (top(type="view"), "1", "url"),
        (top(type="view", url="https://" + "a" * 1024), "1", "url"),
        (top(type="view", url="javascript:alert(1)"), "1", "url"),
        (top(type="miniprogram", url="https://a", appid="wx1"), "1", "pagepath"),
        (top(sub_button=[CLICK] * 6), "1", "count"),
        (top(sub_button=[CLICK, {**CLICK, "name": "字" * 21}]), "1.2", "name"),
        (top(sub_button=[{**CLICK, "key": None}]), "1.1", "key"),
    ],
)
def test_what_wechat_would_refuse_is_not_sent(
    client: WeChatClient, wechat: StandIn, menu: dict[str, Any], where: str, why: str
) -> None:
    for send in (client.create_menu, lambda bad: client.add_conditional_menu(bad, "100")):
        with pytest.raises(MenuFault) as caught:
            send(menu)
        assert (caught.value.where, caught.value.why) == (where, why)
    assert wechat.calls == []


def test_the_largest_menu_passes() -> None:
    child = {"type": "view", "name": "字" * 20, "url": "https://a/" + "u" * 1014}
    check_menu({"button": [{"name": "四个字了 ", "sub_button": [child] * 5}] * 3})
    check_menu(our_menu())
    check_menu(elders_menu())


def test_our_menus_lead_to_what_the_chat_knows() -> None:
    for menu in (our_menu(), elders_menu()):
        assert {button["key"] for button in menu["button"]} <= set(DIRECTORY.menu_keys)
    assert {button["key"] for button in our_menu()["button"]} == set(DIRECTORY.menu_keys)


def test_publishing_puts_both_menus_there(client: WeChatClient, menus: dict[str, Any]) -> None:
    assert menu_differs(client.get_menu())
    publish_menu(client)
    assert menus["menu"] == our_menu()
    (conditional,) = menus["conditional"].values()
    tag = next(tag for tag in menus["tags"] if tag["name"] == ELDERS_TAG)
    assert conditional == {**elders_menu(), "matchrule": {"tag_id": str(tag["id"])}}
    assert not menu_differs(client.get_menu())


def test_publishing_again_leaves_one_of_each(client: WeChatClient, menus: dict[str, Any]) -> None:
    publish_menu(client)
    publish_menu(client)
    assert len(menus["conditional"]) == 1
    assert [tag["name"] for tag in menus["tags"]].count(ELDERS_TAG) == 1


def test_a_menu_that_somebody_else_changed_is_seen(client: WeChatClient, menus: dict[str, Any]) -> None:
    publish_menu(client)
    published = client.get_menu()
    assert published is not None
    for button in published["menu"]["button"]:
        button["sub_button"] = []  # as WeChat answers
    assert not menu_differs(published)
    assert menu_differs({"menu": published["menu"]})
    menus["menu"]["button"][0]["name"] = "改过"
    assert menu_differs(client.get_menu())


def test_a_refused_menu_question_is_no_missing_menu(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[GET] = lambda _call: refusal(48001)
    with pytest.raises(Misconfigured):
        client.get_menu()


@pytest.mark.parametrize("errcode", [65303, 65316, 65320])
def test_refused_rules_have_their_class(client: WeChatClient, wechat: StandIn, errcode: int) -> None:
    wechat.answers[ADD] = lambda _call: refusal(errcode)
    with pytest.raises(BadContent):
        client.add_conditional_menu(our_menu(), "2")


def test_a_tag_without_an_id_is_none(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[TAGS] = lambda _call: success(tags=[])
    wechat.answers[NEW_TAG] = lambda _call: success(tag=None)
    with pytest.raises(OutcomeUnknown):
        client.tag_named("长者")
