"""What the sandbox remembers: plain data that goes to a file and comes back unchanged."""

from __future__ import annotations

import base64
import copy
import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, NotRequired, TypedDict, cast

from sandbox.config import Config, Product
from sandbox.switches import DEFAULTS, Switches

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
    media_id: NotRequired[str]


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


class IssuedCode(TypedDict):
    """A code that a phone hands over: one use, five minutes. `kind` is login, phone or oauth (protocol §3, §4.1)."""

    kind: str
    product: Product
    resident_id: str
    expires_at: float
    used: bool
    scope: NotRequired[str]
    snapshot: NotRequired[bool]


class UserToken(TypedDict):
    """What a web login gave: a token of one user, not of the API (protocol §4.1)."""

    token: str
    refresh_token: str
    openid: str
    resident_id: str
    scope: str
    snapshot: bool
    expires_at: float
    refresh_expires_at: float
    issued_at: float


class SessionKey(TypedDict):
    """The mini-program's session of one user (protocol §3.2)."""

    key: str
    issued_at: float


class Ticket(TypedDict):
    """A ticket for signing web pages (protocol §2.4); `kind` is jsapi or wx_card."""

    product: Product
    kind: str
    ticket: str
    issued_at: float
    expires_at: float


class MediaItem(TypedDict):
    """A stored file (protocol §6.5); its bytes lie beside the state file under its id."""

    media_id: str
    product: Product
    kind: str
    name: str
    content_type: str
    size: int
    created_at: float
    origin: str


class Link(TypedDict):
    """A mini-program code, URL link or scheme that the product had made (protocol §6.3, §6.4)."""

    kind: str
    address: str
    page: str
    query: str
    made_at: float
    expires_at: float | None


class Tag(TypedDict):
    """A tag of the account."""

    id: int
    name: str


class ConditionalMenu(TypedDict):
    """A menu for the users with one tag (protocol §6.1)."""

    menuid: str
    button: list[dict[str, Any]]
    tag_id: int


@dataclass
class Resident:
    """One WeChat user: an openid per product, one unionid for both (protocol §4.2).

    `refuses_messages` is the user's own switch (48002, "failed:user block"); `blacklisted` the account's list (43019).
    `subscriptions_off` names the products whose main switch for notices is off; `kept_choices` are "总是保持" answers.
    """

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
    phone: str = ""
    blacklisted: bool = False
    refuses_messages: bool = False
    subscriptions_off: list[Product] = field(default_factory=list)
    kept_choices: dict[str, str] = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    came_by: str = ""  # the scene of the QR code that led to following
    session: SessionKey | None = None
    miniprogram_seen_at: float = 0.0

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
    codes: dict[str, IssuedCode] = field(default_factory=dict)
    user_tokens: list[UserToken] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    media: dict[str, MediaItem] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    conditional_menus: list[ConditionalMenu] = field(default_factory=list)
    templates_added: list[dict[str, Any]] = field(default_factory=list)
    templates_removed: list[str] = field(default_factory=list)
    templates_banned: list[str] = field(default_factory=list)
    minutes: dict[str, int] = field(default_factory=dict)
    limits: dict[str, dict[str, int]] = field(default_factory=dict)
    quota_clears: dict[str, int] = field(default_factory=dict)
    typing: dict[str, float] = field(default_factory=dict)
    switches: Switches = field(default_factory=lambda: copy.deepcopy(DEFAULTS))

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
        switches = cast(Switches, {**copy.deepcopy(DEFAULTS), **raw.pop("switches", {})})
        return cls(residents=residents, switches=switches, **raw)


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
        phone=_phone(seed),
    )
    state.residents[resident.id] = resident
    return resident


def fresh_residents(config: Config, state: State, now: int) -> None:
    """Put only the demonstration residents into `state`."""
    state.residents.clear()
    for name, following in DEMO_RESIDENTS:
        new_resident(config, state, name, following, now)


def _phone(seed: str) -> str:
    """A number of the 1380000xxxx kind, which everybody knows for an example."""
    return f"1380000{int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10_000:04}"


def _identifier(prefix: str, space: str, seed: str) -> str:
    """28 characters of [A-Za-z0-9_-] like a real openid (protocol §0)."""
    digest = hashlib.sha256(f"{space}:{seed}".encode()).digest()
    return (prefix + base64.urlsafe_b64encode(digest).decode().rstrip("="))[:28]
