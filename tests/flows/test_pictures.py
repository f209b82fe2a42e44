"""A step that takes a picture, and what everybody else says to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from backend.kernel.clock import now
from tests.flows.tester import Chat, check_reply, stored
from workflows.chat.engine import (
    Again,
    Answered,
    Asked,
    Done,
    Flow,
    GoTo,
    NotUnderstood,
    Picture,
    Question,
    Step,
    TakesPicture,
    Turn,
)
from workflows.chat.ports import Ports
from workflows.chat.router import Directory, MenuEntry, Routed, route_picture, route_unreadable

PURPOSE = "test.certificate"
NO_PORTS = Ports(**dict.fromkeys(each.name for each in fields(Ports)))  # type: ignore[arg-type]


def _ask(_turn: Turn) -> Asked:
    return Question("请把证明拍给我，两页都要。")


def _words(_turn: Turn, _text: str) -> Answered:
    return NotUnderstood("请拍照发来；没有的话回“取消”。")


def _take(turn: Turn, picture: Picture) -> Answered:
    pages = turn.answers.setdefault("pages", [])
    pages.append(picture.upload_id)
    return Again("收到第1页，请再拍第2页。") if len(pages) < 2 else GoTo("check")


def _check(turn: Turn) -> Asked:
    return Question(f"收到{len(turn.answers['pages'])}页。都齐了吗？")


def _done(_turn: Turn, text: str) -> Answered:
    return Done("好，交上去了。") if text == "齐了" else NotUnderstood("齐了就回“齐了”。")


CERTIFICATE = Flow(
    name="test.certificate",
    title="交证明",
    call_words="交证明",
    version=1,
    steps=(
        Step("photo", _ask, _words, ("check",), picture=TakesPicture(PURPOSE, _take)),
        Step("check", _check, _done),
    ),
    matches=lambda text: 2 if "交证明" in text else 0,
)
DIRECTORY = Directory("您好。", (MenuEntry("交证明", CERTIFICATE),), (), {})


@pytest.fixture
def chat() -> Chat:
    return Chat(directory=DIRECTORY)


@pytest.fixture
def send(chat: Chat) -> Callable[[], Routed | None]:
    """Send a picture; the purposes it was kept for are in `send.kept`."""

    def keep(purpose: str) -> str:
        kept.append(purpose)
        return f"upload-{len(kept)}"

    def picture() -> Routed | None:
        routed = route_picture(chat.directory, chat.progress, NO_PORTS, now(), keep)
        if routed is not None:
            chat.progress, chat.reply = stored(routed), routed.saying
            check_reply(routed.saying)
        return routed

    kept: list[str] = []
    picture.kept = kept  # type: ignore[attr-defined]
    return picture


def test_pictures_are_answers_where_they_are_awaited(chat: Chat, send: Callable[[], Routed | None]) -> None:
    assert "拍给我" in chat.says("交证明")
    send()
    assert "请再拍第2页" in chat.reply
    assert "请拍照发来" in chat.says("没有第二页")
    send()
    assert "收到2页" in chat.reply
    assert chat.at == ("test.certificate", "check")
    assert chat.progress is not None
    assert chat.progress.answers == {"pages": ["upload-1", "upload-2"]}
    assert send.kept == [PURPOSE, PURPOSE]  # type: ignore[attr-defined]
    assert "好，交上去了" in chat.says("齐了")


def test_elsewhere_a_picture_is_not_even_kept(chat: Chat, send: Callable[[], Routed | None]) -> None:
    assert send() is None
    chat.says("交证明")
    send()
    send()
    assert send() is None, "the next question takes words"
    assert len(send.kept) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["voice", "image", "video", "shortvideo", "location", "link", "sticker", "music"])
def test_what_cannot_be_read_hears_what_is_awaited(chat: Chat, kind: str) -> None:
    outside = route_unreadable(chat.directory, None, NO_PORTS, now(), kind)
    check_reply(outside.saying)
    assert outside.saying.endswith("请打字告诉我要办的事，或回“人工”。")
    chat.says("交证明")
    before = chat.progress
    inside = route_unreadable(chat.directory, chat.progress, NO_PORTS, now(), kind)
    check_reply(inside.saying)
    assert inside.saying.endswith("请拍照发来；没有的话回“取消”。")
    assert inside.progress == before
