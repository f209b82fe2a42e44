"""Temporary materials, up and down (wechat-protocol §6.5), and WeChat's look at words and pictures (§6.6)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest
import sqlalchemy as sa
from redis import Redis

from backend.kernel.clock import MovableClock, now
from backend.settings import WeChatApp
from backend.storage import Database, use_database
from backend.wechat import transport
from backend.wechat.client import WeChatClient
from backend.wechat.closures import StoredClosures
from backend.wechat.errors import BadContent, IdleUser, OutcomeUnknown, QuotaExceeded
from backend.wechat.housekeeping import forget_old
from backend.wechat.media_checks import CheckedSubject, ask_media_check, media_verdicts, on_media_checked
from backend.wechat.security import Suggestion
from tests.wechat.stand_in import Call, Reply, StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

UP, DOWN = "/cgi-bin/media/upload", "/cgi-bin/media/get"
TEXT, MEDIA = "/wxa/msg_sec_check", "/wxa/media_check_async"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 900


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


def parts(call: Call) -> list[Message]:
    parsed = message_from_bytes(f"Content-Type: {call.content_type}\r\n\r\n".encode() + call.body)
    assert parsed.is_multipart()
    return list(parsed.walk())[1:]


def test_a_picture_is_sent_with_an_ascii_name(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[UP] = lambda _call: success(type="image", media_id="M-1", created_at=1714112445)
    assert client.upload("image", JPEG, "image/jpeg") == "M-1"
    (call,) = wechat.calls_to(UP)
    assert call.query == {"access_token": "token-1", "type": "image"}
    (part,) = parts(call)
    assert part.get_param("name", header="content-disposition") == "media"
    assert part.get_filename() == "file.jpg"
    assert part.get_content_type() == "image/jpeg"
    assert part.get_payload(decode=True) == JPEG


def test_after_a_refused_token_the_whole_file_is_sent_again(client: WeChatClient, wechat: StandIn) -> None:
    """wechatpy sends an empty one (§8.1 no. 2)."""
    replies = [refusal(40001), success(media_id="M-1")]
    wechat.answers[UP] = lambda _call: replies.pop(0)
    assert client.upload("image", JPEG, "image/jpeg") == "M-1"
    assert [parts(call)[0].get_payload(decode=True) for call in wechat.calls_to(UP)] == [JPEG, JPEG]


def test_a_thumb_has_an_id_of_its_own(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[UP] = lambda _call: success(type="thumb", thumb_media_id="T-1")
    assert client.upload("thumb", JPEG, "image/jpeg") == "T-1"


@pytest.mark.parametrize(
    ("kind", "content", "content_type"),
    [
        ("image", b"", "image/jpeg"),
        ("image", b"x", "image/svg+xml"),
        ("image", b"x" * ((10 << 20) + 1), "image/jpeg"),
        ("voice", b"x" * ((2 << 20) + 1), "audio/amr"),
        ("thumb", b"x" * ((64 << 10) + 1), "image/jpeg"),
    ],
)
def test_what_wechat_does_not_take_is_not_sent(
    client: WeChatClient, wechat: StandIn, kind: str, content: bytes, content_type: str
) -> None:
    with pytest.raises(ValueError, match="type or size"):
        client.upload(kind, content, content_type)  # type: ignore[arg-type]
    assert wechat.calls == []


@pytest.mark.parametrize("errcode", [40004, 40006, 40009, 41005])
def test_refused_files_have_their_class(client: WeChatClient, wechat: StandIn, errcode: int) -> None:
    wechat.answers[UP] = lambda _call: refusal(errcode)
    with pytest.raises(BadContent):
        client.upload("image", JPEG, "image/jpeg")


def test_a_picture_comes_down(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[DOWN] = lambda _call: Reply(body=JPEG, content_type="image/jpeg; charset=x")
    found = client.download("MEDIA-1")
    assert (found.content, found.content_type) == (JPEG, "image/jpeg")
    (call,) = wechat.calls_to(DOWN)
    assert (call.method, call.query) == ("GET", {"access_token": "token-1", "media_id": "MEDIA-1"})


@pytest.mark.parametrize("answer", [refusal(40007), success(video_url="http://a/b.mp4"), success()])
def test_what_is_no_picture_has_its_class(client: WeChatClient, wechat: StandIn, answer: Reply) -> None:
    wechat.answers[DOWN] = lambda _call: answer
    with pytest.raises(BadContent):
        client.download("MEDIA-1")


@pytest.mark.parametrize("media_id", ["", "a/b", "码", "x" * 129])
def test_a_media_id_that_is_none_is_not_asked_for(client: WeChatClient, wechat: StandIn, media_id: str) -> None:
    with pytest.raises(BadContent):
        client.download(media_id)
    assert wechat.calls == []


def test_a_file_that_is_too_large_is_none(
    client: WeChatClient, wechat: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_FILE", 100)
    wechat.answers[DOWN] = lambda _call: Reply(body=JPEG)
    with pytest.raises(OutcomeUnknown):
        client.download("MEDIA-1")


# --- words ---


@pytest.mark.parametrize(
    ("suggest", "label", "suggestion", "number"),
    [
        ("pass", 100, Suggestion.PASS, 100),
        ("risky", 20001, Suggestion.RISKY, 20001),
        ("review", "21000", Suggestion.REVIEW, 21000),
        ("brand-new", None, Suggestion.REVIEW, 0),
        (None, -1, Suggestion.REVIEW, 0),
    ],
)
def test_errcode_0_is_not_clean_the_suggestion_counts(
    client: WeChatClient, wechat: StandIn, suggest: object, label: object, suggestion: Suggestion, number: int
) -> None:
    answer = success(errcode=0, errmsg="ok", result={"suggest": suggest, "label": label}, trace_id="t")
    wechat.answers[TEXT] = lambda _call: answer
    verdict = client.check_text("oXYZ", "好\u3000邻居")
    assert (verdict.suggestion, verdict.label) == (suggestion, number)
    assert json.loads(wechat.calls_to(TEXT)[0].body) == {
        "version": 2,
        "openid": "oXYZ",
        "scene": 2,
        "content": "好\u3000邻居",
    }


def test_a_verdict_of_the_frozen_version_is_none(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[TEXT] = lambda _call: success(errcode=0, errmsg="ok")
    with pytest.raises(OutcomeUnknown):
        client.check_text("oXYZ", "好")


def test_who_is_idle_cannot_be_checked_and_limits_hold(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[TEXT] = lambda _call: refusal(61010)
    with pytest.raises(IdleUser):
        client.check_text("oXYZ", "好")
    for text in ("", "长" * 2501):
        with pytest.raises(ValueError, match="2500"):
            client.check_text("oXYZ", text)
    wechat.answers[TEXT] = lambda _call: refusal(45009)
    with pytest.raises(QuotaExceeded):
        client.check_text("oXYZ", "好")


# --- pictures: the verdict comes later ---


@pytest.fixture
def database(database_url: str, no_database_chosen: None) -> Iterator[Database]:
    own = Database(database_url, pool_size=2)
    with own.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE wechat_media_checks, wechat_closed_endpoints"))
    use_database(own)
    yield own
    own.engine.dispose()


SUBJECT = CheckedSubject("upload", uuid.UUID(int=1))


def verdict() -> Suggestion | None:
    return media_verdicts(SUBJECT.kind, [SUBJECT.id]).get(SUBJECT.id)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("early", [False, True])
def test_the_push_is_matched_by_its_trace_id(client: WeChatClient, wechat: StandIn, early: bool) -> None:
    def answer(_call: Call) -> Reply:
        if early:  # the push overtakes the answer to our own request
            on_media_checked("trace-1", "risky", 20002)
        return success(errcode=0, errmsg="ok", trace_id="trace-1")

    wechat.answers[MEDIA] = answer
    assert verdict() is None
    assert ask_media_check(client, "oXYZ", "https://mz.example.cn/f/1", SUBJECT) == "trace-1"
    assert json.loads(wechat.calls_to(MEDIA)[0].body) == {
        "version": 2,
        "openid": "oXYZ",
        "scene": 1,
        "media_type": 2,
        "media_url": "https://mz.example.cn/f/1",
    }
    if not early:
        assert verdict() is None
        on_media_checked("trace-2", "pass", 100)
        assert verdict() is None, "another file's verdict was taken"
        on_media_checked("trace-1", "risky", "20002")
    on_media_checked("trace-1", "pass", 100)  # a repeat changes nothing
    assert verdict() is Suggestion.RISKY


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("suggest", ["", "unheard-of"])
def test_a_word_we_do_not_know_needs_a_person(client: WeChatClient, wechat: StandIn, suggest: str) -> None:
    wechat.answers[MEDIA] = lambda _call: success(errcode=0, trace_id="trace-3")
    ask_media_check(client, "oXYZ", "https://mz.example.cn/f/1", SUBJECT)
    on_media_checked("trace-3", suggest, None)
    assert verdict() is Suggestion.REVIEW


@pytest.mark.usefixtures("database")
def test_old_verdicts_and_closures_are_forgotten(clock: MovableClock) -> None:
    on_media_checked("trace-4", "pass", 100)
    closures = StoredClosures()
    closures.close("wx0123456789abcdef", "/cgi-bin/menu/get", now() + timedelta(hours=1), None)
    clock.advance(timedelta(days=7))
    assert forget_old() == 0
    clock.advance(timedelta(hours=2))
    assert forget_old() == 1
    clock.advance(timedelta(days=174))
    assert forget_old() == 1
    assert forget_old() == 0
