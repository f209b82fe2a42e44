"""Whatever is posted to the callbacks, in any mode: never a fault, and an answer that WeChat can read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.chat.callback import create_callback_blueprint
from backend.settings import Settings, WeChatApp
from backend.wechat.parsing import EVENTS, MESSAGES
from tests.chat.phone import ACCOUNT, MINIPROGRAM, Phone, fields_xml, timestamp
from tests.fuzz.targets import MODES, RECEIVERS, TARGETS, run
from tests.wechat.pushes import args_for, encrypt, envelope, plain_args

FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

modes = st.sampled_from(MODES)
paths = st.sampled_from([ACCOUNT, MINIPROGRAM])
texts = st.text(st.characters(codec="utf-8"), max_size=40)
NAMES = (
    *("Content", "EventKey", "MediaId", "Recognition", "Status", "MsgID", "Location_X", "Latitude", "ScanCodeInfo"),
    *("SendPicsInfo", "PicList", "item", "List", "SubscribeMsgPopupEvent", "SubscribeMsgSentEvent", "TemplateId"),
    *("ErrorCode", "OpenID", "RevokeInfo", "trace_id", "result", "suggest", "isrisky", "Ticket", "SessionFrom"),
    *("MsgId", "MsgDataId"),
)
names = st.sampled_from(NAMES)
leaves = texts | st.integers(-(2**70), 2**70).map(str) | st.sampled_from(["qrscene_1", "1", "取消", "人工", "结婚登记"])
trees = st.dictionaries(
    names,
    st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)),
    max_size=6,
)
kinds = st.sampled_from([("event", event) for event in EVENTS] + [(kind, "") for kind in MESSAGES]) | st.tuples(
    st.sampled_from(["event", "text", "music"]), texts
)


@pytest.fixture
def clients(phone: Phone) -> dict[str, FlaskClient]:
    """Both callbacks in each mode."""
    given_settings: Settings = phone.flask.extensions["settings"]
    found = {}
    for mode in MODES:
        changed = replace(
            given_settings,
            account=replace(given_settings.account, mode=mode),  # type: ignore[arg-type]
            miniprogram=replace(given_settings.miniprogram, mode=mode),  # type: ignore[arg-type]
        )
        flask = Flask(mode)
        flask.register_blueprint(create_callback_blueprint(changed))
        found[mode] = flask.test_client()
    return found


def app_of(phone: Phone, path: str) -> WeChatApp:
    return phone.account if path == ACCOUNT else phone.miniprogram


def posted(client: FlaskClient, path: str, args: dict[str, str], body: bytes) -> None:
    answer = client.post(path, query_string=args, data=body)
    assert answer.status_code in (200, 400, 403, 413), (answer.status_code, answer.data)
    if answer.status_code == 200:
        assert answer.data == b"success" or answer.data[:1] in (b"<", b"{"), answer.data


@FUZZ
@given(modes, paths, st.binary(max_size=400), st.booleans())
def test_any_bytes(
    phone: Phone, clients: dict[str, FlaskClient], mode: str, path: str, body: bytes, named: bool
) -> None:
    app = app_of(phone, path)
    args = args_for(app, "x", timestamp()) if named else plain_args(app, timestamp())
    posted(clients[mode], path, args, body)
    posted(clients[mode], path, {}, body)
    sealed = encrypt(body, app)
    posted(clients[mode], path, args_for(app, sealed, timestamp()), envelope(sealed))


@FUZZ
@given(modes, paths, kinds, trees, st.booleans(), st.data())
def test_any_message_that_is_wechats(
    phone: Phone,
    clients: dict[str, FlaskClient],
    mode: str,
    path: str,
    kind: tuple[str, str],
    tree: dict[str, Any],
    as_json: bool,
    data: st.DataObject,
) -> None:
    """Right heads and signatures: these come as far as the conversations, the outbox and the files."""
    head = phone.message(kind[0], **({"Event": kind[1]} if kind[0] == "event" else {}))
    head |= {"FromUserName": data.draw(st.sampled_from([phone.openid, "oB", "oC"]))}
    fields = head | tree
    app = app_of(phone, path)
    inner = json.dumps(fields) if as_json else fields_xml(fields)
    sealed = encrypt(inner, app)
    outer = json.dumps({"Encrypt": sealed}).encode() if as_json else envelope(sealed)
    posted(clients[mode], path, args_for(app, sealed, timestamp()), outer)
    posted(clients[mode], path, plain_args(app, timestamp()), inner.encode())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", [ACCOUNT, MINIPROGRAM])
def test_deep_and_huge_bodies(phone: Phone, clients: dict[str, FlaskClient], mode: str, path: str) -> None:
    app = app_of(phone, path)
    head = fields_xml(phone.message(Content="x"))[5:-6]
    for inner in (
        "<xml>" + "<a>" * 50_000 + "</a>" * 50_000 + "</xml>",
        "<xml>" + "<a>" * 100_000,
        f"<xml>{head}{'<b>1</b>' * 40_000}</xml>",
        f"<xml>{head}{'<Content>1</Content>' * 3}</xml>",
        f"<xml>{head}<c>{'y' * 900_000}</c></xml>",
        '{"a":' * 50_000,
        json.dumps({"MsgType": "event", "List": [{}] * 20_000}),
        f"<xml>{head}</xml>" + " " * 1_100_000,
    ):
        sealed = encrypt(inner, app)
        posted(clients[mode], path, args_for(app, sealed, timestamp()), envelope(sealed))
        posted(clients[mode], path, plain_args(app, timestamp()), inner.encode())


@given(st.binary(max_size=300))
def test_the_targets_of_the_long_run(data: bytes) -> None:
    """What `make fuzz` runs for minutes, for a moment."""
    for choice in range(len(TARGETS) * len(RECEIVERS)):
        run(bytes([choice]) + data)
