"""WeChat's look at words and pictures that other people will see (wechat-protocol §6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from backend.wechat.caller import Caller
from backend.wechat.errors import OutcomeUnknown
from backend.wechat.transport import text_of

LONGEST_TEXT = 2500
_CLEAN = 100
_SCENES = {"profile": 1, "comment": 2, "forum": 3, "social_log": 4}

TextScene = Literal["profile", "comment", "forum", "social_log"]
MediaType = Literal["audio", "image"]


class Suggestion(StrEnum):
    """What WeChat advises: let it pass, have a person look, or refuse it."""

    PASS = "pass"  # noqa: S105 - WeChat's word
    REVIEW = "review"
    RISKY = "risky"


@dataclass(frozen=True)
class TextVerdict:
    """What WeChat thinks of a text; `label` says of what kind it is, 100 being nothing bad."""

    suggestion: Suggestion
    label: int


class Security(Caller):
    """Checks of the mini-program. The person must have used it within two hours, else `IdleUser`."""

    def check_text(self, openid: str, text: str, scene: TextScene = "comment") -> TextVerdict:
        """Look at a text of at most 2500 characters. `errcode` 0 does not mean clean: the verdict counts."""
        if not 0 < len(text) <= LONGEST_TEXT:
            raise ValueError("a text to be checked has 1 to 2500 characters")
        body = {"version": 2, "openid": openid, "scene": _SCENES[scene], "content": text}
        result = self.call("POST", "/wxa/msg_sec_check", json=body).get("result")
        if not isinstance(result, dict):
            raise OutcomeUnknown  # v1 answers without one, and says nothing that could be relied on
        return TextVerdict(suggestion_of(result.get("suggest")), label_of(result.get("label")))

    def check_media(self, openid: str, url: str, media_type: MediaType = "image") -> str:
        """Have a file looked at, which WeChat fetches from `url`. Returns the trace_id of the push with the verdict."""
        body = {
            "version": 2,
            "openid": openid,
            "scene": _SCENES["profile"],
            "media_type": 1 if media_type == "audio" else 2,
            "media_url": url,
        }
        return text_of(self.call("POST", "/wxa/media_check_async", json=body), "trace_id")


def suggestion_of(value: object) -> Suggestion:
    """WeChat's word; an unknown one means that a person has to look."""
    try:
        return Suggestion(str(value))
    except ValueError:
        return Suggestion.REVIEW


def label_of(value: object) -> int:
    """WeChat's label, which comes as a number or as text; 0 for none."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0
