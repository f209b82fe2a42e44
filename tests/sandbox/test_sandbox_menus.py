"""Menus, menus for tags, and the tags: wechat-protocol.md §6.1."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sandbox.support import MINIPROGRAM_APP_ID, act, call, fetch

CLICK = {"type": "click", "name": "帮助", "key": "K"}
BIG = [{"type": "click", "name": "打给我", "key": "CALL"}]


def errcode(client: FlaskClient, path: str, token: str, body: dict[str, Any]) -> int:
    return call(client, path, token, body).get("errcode", 0)


@pytest.fixture
def elder(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> int:
    """A tag that 王小明 carries."""
    tag: int = call(client, "/cgi-bin/tags/create", account_token, {"tag": {"name": "长者"}})["tag"]["id"]
    wanted = {"tagid": tag, "openid_list": [wang["account_openid"]]}
    assert errcode(client, "/cgi-bin/tags/members/batchtagging", account_token, wanted) == 0
    return tag


def test_a_menu_for_a_tag_is_shown_to_those_who_carry_it(
    client: FlaskClient, account_token: str, wang: dict[str, Any], elder: int
) -> None:
    conditional = {"button": BIG, "matchrule": {"tag_id": str(elder)}}
    assert errcode(client, "/cgi-bin/menu/addconditional", account_token, conditional) == 65303
    assert errcode(client, "/cgi-bin/menu/create", account_token, {"button": [CLICK]}) == 0
    menu_id = call(client, "/cgi-bin/menu/addconditional", account_token, conditional)["menuid"]
    matched = call(client, "/cgi-bin/menu/trymatch", account_token, {"user_id": wang["account_openid"]})
    assert matched["button"] == BIG
    users = client.get("/sandbox/users").json["items"]
    assert (users[0]["menu"], users[1]["menu"]) == (BIG, [CLICK])
    got = fetch(client, "/cgi-bin/menu/get", account_token)
    assert got["menu"] == {"button": [CLICK]}
    assert got["conditionalmenu"][0]["matchrule"] == {"tag_id": str(elder)}
    assert errcode(client, "/cgi-bin/menu/delconditional", account_token, {"menuid": menu_id}) == 0
    assert errcode(client, "/cgi-bin/menu/delconditional", account_token, {"menuid": menu_id}) == 65301
    assert errcode(client, "/cgi-bin/menu/trymatch", account_token, {"user_id": "oNobody"}) == 40003
    assert call(client, "/cgi-bin/menu/addconditional", account_token, conditional)["menuid"] != menu_id
    assert fetch(client, "/cgi-bin/menu/delete", account_token)["errcode"] == 0
    assert fetch(client, "/cgi-bin/menu/get", account_token)["errcode"] == 46003
    assert errcode(client, "/cgi-bin/menu/trymatch", account_token, {"user_id": wang["account_openid"]}) == 46003


def test_the_newest_rule_wins(client: FlaskClient, account_token: str, wang: dict[str, Any], elder: int) -> None:
    call(client, "/cgi-bin/menu/create", account_token, {"button": [CLICK]})
    for name in ("旧", "新"):
        buttons = [{"type": "click", "name": name, "key": "K"}]
        body = {"button": buttons, "matchrule": {"tag_id": str(elder)}}
        call(client, "/cgi-bin/menu/addconditional", account_token, body)
    matched = call(client, "/cgi-bin/menu/trymatch", account_token, {"user_id": wang["account_openid"]})
    assert matched["button"][0]["name"] == "新"


@pytest.mark.parametrize(
    ("rule", "buttons", "expected"),
    [
        (None, BIG, 65304),
        ({"tag_id": ""}, BIG, 65304),
        ({"sex": "1"}, BIG, 65320),
        ({"tag_id": "100", "language": "zh_CN"}, BIG, 65320),
        ({"tag_id": "999"}, BIG, 45159),
        ({"tag_id": "two"}, BIG, 45159),
        ({"tag_id": "100"}, [], 40016),
        (
            {"tag_id": "100"},
            [
                {
                    "name": "更多",
                    "sub_button": [{"type": "view", "name": str(n), "url": f"https://{n}.example/"} for n in range(4)],
                }
            ],
            65316,
        ),
    ],
)
def test_conditional_menu_rules(
    client: FlaskClient, account_token: str, elder: int, rule: Any, buttons: list[Any], expected: int
) -> None:
    assert elder == 100
    call(client, "/cgi-bin/menu/create", account_token, {"button": [CLICK]})
    body = {"button": buttons, "matchrule": rule}
    assert errcode(client, "/cgi-bin/menu/addconditional", account_token, body) == expected


MINI = {"type": "miniprogram", "name": "预约", "url": "https://a.example/", "pagepath": "pages/index"}


@pytest.mark.parametrize(
    ("buttons", "expected"),
    [
        ([MINI | {"appid": MINIPROGRAM_APP_ID}], 0),
        ([MINI | {"appid": "wxffffffffffffffff"}], 45064),
        ([{"type": "view", "name": "网页", "url": "ftp://a.example/"}], 40055),
        ([{"name": "更多", "sub_button": [{"type": "view", "name": "网页", "url": "a.example"}]}], 40054),
        ([{"name": "更多", "sub_button": [{"type": "dance", "name": "网页"}]}], 40024),
        ([{"name": "更多", "sub_button": [CLICK | {"name": "字" * 21}]}], 40025),
        ([{"type": "view", "name": "网页", "url": ""}], 40020),
        ([{"name": "更多", "sub_button": [{"type": "view", "name": "网页", "url": "u" * 1025}]}], 40027),
        ([{"type": "location_select", "name": "位置", "key": "L"}], 0),
        ([{"type": "media_id", "name": "图片", "media_id": "M"}], 0),
        ([{"type": "article_id", "name": "文章"}], 40019),
    ],
)
def test_menu_rules_of_all_types(client: FlaskClient, account_token: str, buttons: list[Any], expected: int) -> None:
    assert errcode(client, "/cgi-bin/menu/create", account_token, {"button": buttons}) == expected


def test_current_menu(client: FlaskClient, account_token: str) -> None:
    assert fetch(client, "/cgi-bin/get_current_selfmenu_info", account_token)["is_menu_open"] == 0
    call(client, "/cgi-bin/menu/create", account_token, {"button": [CLICK]})
    told = fetch(client, "/cgi-bin/get_current_selfmenu_info", account_token)
    assert told == {"is_menu_open": 1, "selfmenu_info": {"button": [CLICK]}}


def test_tags_are_listed_renamed_and_deleted(
    client: FlaskClient, account_token: str, wang: dict[str, Any], elder: int
) -> None:
    openid = wang["account_openid"]
    assert fetch(client, "/cgi-bin/tags/get", account_token)["tags"] == [{"id": elder, "name": "长者", "count": 1}]
    assert call(client, "/cgi-bin/tags/getidlist", account_token, {"openid": openid}) == {"tagid_list": [elder]}
    assert fetch(client, "/cgi-bin/user/info", account_token, openid=openid)["tagid_list"] == [elder]
    members = call(client, "/cgi-bin/user/tag/get", account_token, {"tagid": elder})
    assert members["data"]["openid"] == [openid]
    renamed = {"tag": {"id": elder, "name": "高龄"}}
    assert errcode(client, "/cgi-bin/tags/update", account_token, renamed) == 0
    wanted = {"tagid": elder, "openid_list": [openid]}
    assert errcode(client, "/cgi-bin/tags/members/batchuntagging", account_token, wanted) == 0
    assert call(client, "/cgi-bin/user/tag/get", account_token, {"tagid": elder}) == {"count": 0}
    call(client, "/cgi-bin/tags/members/batchtagging", account_token, wanted)
    assert errcode(client, "/cgi-bin/tags/delete", account_token, {"tag": {"id": elder}}) == 0
    assert client.get("/sandbox/users").json["items"][0]["tags"] == []


def test_who_leaves_loses_the_tags(client: FlaskClient, wang: dict[str, Any], elder: int) -> None:
    act(client, wang, "events", event="unsubscribe")
    act(client, wang, "events", event="subscribe")
    assert client.get("/sandbox/users").json["items"][0]["tags"] == []


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("create", {"tag": {"name": "长者"}}, 45157),
        ("create", {"tag": {"name": ""}}, 45157),
        ("create", {}, 45157),
        ("create", {"tag": {"name": "字" * 11}}, 45158),
        ("update", {"tag": {"id": 2, "name": "星标"}}, 45058),
        ("update", {"tag": {"id": 555, "name": "无"}}, 45159),
        ("delete", {"tag": {"id": 555}}, 45159),
        ("members/batchtagging", {"tagid": 100, "openid_list": []}, 40032),
        ("members/batchtagging", {"tagid": 100, "openid_list": ["o"] * 51}, 40032),
        ("members/batchtagging", {"tagid": 100, "openid_list": ["oNobody"]}, 40003),
        ("members/batchuntagging", {"tagid": 7, "openid_list": ["oNobody"]}, 45159),
        ("getidlist", {"openid": "oNobody"}, 40003),
    ],
)
def test_tag_refusals(
    client: FlaskClient, account_token: str, elder: int, path: str, body: dict[str, Any], expected: int
) -> None:
    assert elder == 100
    assert errcode(client, f"/cgi-bin/tags/{path}", account_token, body) == expected


def test_nobody_carries_more_than_twenty_tags(
    client: FlaskClient, account_token: str, wang: dict[str, Any], elder: int
) -> None:
    answers = []
    for number in range(20):
        tag = call(client, "/cgi-bin/tags/create", account_token, {"tag": {"name": f"标签{number}"}})["tag"]["id"]
        wanted = {"tagid": tag, "openid_list": [wang["account_openid"]]}
        answers.append(errcode(client, "/cgi-bin/tags/members/batchtagging", account_token, wanted))
    assert answers == [0] * 19 + [45059]
