"""What the sandbox remembers: plain data that goes to a file and comes back unchanged."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, NotRequired, TypedDict

from sandbox.config import Config, Product

CHAT_KEPT = 500  # bubbles kept per resident; older ones scroll out of the phone
DEMO_RESIDENTS = (("王小明", True), ("李小红", True), ("张建国", True), ("王奶奶", False))


class ChatItem(TypedDict):
    """One bubble, card or line on the phone. `sender` is user, account, notice, fault or system (\"您已关注\")."""

    id: int
    at: str
    sender: str
    type: str
    text: str
    product: Product
    title: NotRequired[str]
    fields: NotRequired[list[dict[str, str]]]
    url: NotRequired[str]
    articles: NotRequired[list[dict[str, str]]]
    miniprogram_path: NotRequired[str]
    choices: NotRequired[list[dict[str, str]]]
    tail: NotRequired[str]
    reason: NotRequired[str]


class Window(TypedDict):
    """A right to send customer-service messages (protocol §5.4); times are sandbox Unix seconds."""

    product: Product
    trigger: str
    opened_at: float
    expires_at: float
    left: int


class QrCode(TypedDict):
    """A QR code with a scene (protocol §6.2); `url` is what the picture says, `expires_at` None means for ever."""

    scene: str
    ticket: str
    url: str
    made_at: str
    expires_at: float | None


class IssuedToken(TypedDict):
    """One access_token; `kind` is classic or stable. `dead_at` is when a replaced one stops working."""

    product: Product
    kind: str
    token: str
    issued_at: float
    expires_at: float
    dead_at: float | None


@dataclass
class Resident:
    """One WeChat user: an openid per product, one unionid for both (protocol §4.2)."""

    id: str
    name: str
    account_openid: str
    miniprogram_openid: str
    unionid: str
    following: bool
    followed_at: int = 0
    chat: list[ChatItem] = field(default_factory=list)
    credits: dict[str, int] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)

    def openid(self, product: Product) -> str:
        """This user's openid in one product."""
        return self.account_openid if product == "account" else self.miniprogram_openid


@dataclass
class State:
    """Everything that a second start finds again."""

    residents: dict[str, Resident] = field(default_factory=dict)
    offset_seconds: int = 0
    menu: list[dict[str, Any]] | None = None
    tokens: list[IssuedToken] = field(default_factory=list)
    forced: dict[str, list[float]] = field(default_factory=dict)
    quotas: dict[str, int] = field(default_factory=dict)
    sent_once: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_number: int = 0
    qr_codes: list[QrCode] = field(default_factory=list)
    identity_check: str = "match"  # how the stand-in of the verification service answers (sandbox.identity_check)

    def number(self) -> int:
        """The next number of one running series, for bubbles and message ids."""
        self.last_number += 1
        return self.last_number

    def by_openid(self, product: Product, openid: str) -> Resident | None:
        """Who has this openid in this product."""
        return next((r for r in self.residents.values() if r.openid(product) == openid), None)

    def to_json(self) -> dict[str, Any]:
        """A copy made of JSON types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> State:
        """The reverse of `to_json`. Raises TypeError or KeyError on a file of another shape."""
        residents = {key: Resident(**value) for key, value in raw.pop("residents").items()}
        return cls(residents=residents, **raw)


def new_resident(config: Config, state: State, name: str, following: bool, now: int) -> Resident:
    """Add a user. The ids follow from app id and name, so that a wiped sandbox meets the same people again."""
    number = len(state.residents) + 1
    namesakes = sum(1 for resident in state.residents.values() if resident.name == name)
    seed = name if not namesakes else f"{name}#{namesakes + 1}"
    resident = Resident(
        id=f"u{number}",
        name=name,
        account_openid=_identifier("o", config.account.app_id, seed),
        miniprogram_openid=_identifier("o", config.miniprogram.app_id, seed),
        unionid=_identifier("oU", "union", seed),
        following=following,
        followed_at=now if following else 0,
    )
    state.residents[resident.id] = resident
    return resident


def fresh_residents(config: Config, state: State, now: int) -> None:
    """Put only the demonstration residents into `state`."""
    state.residents.clear()
    for name, following in DEMO_RESIDENTS:
        new_resident(config, state, name, following, now)


def _identifier(prefix: str, space: str, seed: str) -> str:
    """28 characters of [A-Za-z0-9_-] like a real openid (protocol §0)."""
    digest = hashlib.sha256(f"{space}:{seed}".encode()).digest()
    return (prefix + base64.urlsafe_b64encode(digest).decode().rstrip("="))[:28]
