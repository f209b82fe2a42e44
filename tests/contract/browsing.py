"""Goes through the staff's pages as somebody would who presses everything: follows links, and fills in forms.

Pages are found by what links to them, with ids of the rows that are there, so new rooms are taken in by themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.story.world import Registrar, World

# Attributes that hold an address the browser may go to.
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete", "hx-push-url", "poster")
_FOR_PEOPLE = re.compile("/(console|h5)/")
ALIKE = 2  # how often one kind of form is sent at least


@dataclass
class Field:
    """One field of a form: its type, what it holds, and what may be chosen."""

    kind: str
    value: str
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page; several fields of a name count once, several submit buttons by the first."""

    method: str
    action: str
    fields: dict[str, Field] = field(default_factory=dict)


class Document(HTMLParser):
    """The addresses and forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [(name, given[name]) for name in ADDRESSES if name in given]
        if tag == "form":
            self._form = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "option" and self._select is not None:
            self._select.choices.append(given.get("value", ""))
        elif self._form is not None and given.get("name") and "disabled" not in given:
            self._add(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _add(self, tag: str, given: Mapping[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text" if tag == "input" else tag)
        made = Field(kind, given.get("value", "on" if kind == "checkbox" else ""))
        if tag == "select":
            self._select = made
        self._form.fields.setdefault(given["name"], made)


@dataclass(frozen=True)
class Visit:
    """A page that was looked at: whose view it is, its address, and the answer."""

    endpoint: str
    address: str
    answer: httpx.Response

    @cached_property
    def document(self) -> Document | None:
        """What a browser finds in it; None for what is no HTML."""
        is_html = "html" in self.answer.headers.get("Content-Type", "")
        return Document(self.answer.text) if is_html else None

    @property
    def is_page(self) -> bool:
        """Whether this is a whole page of HTML, and not a part of one or a file."""
        return self.document is not None and "<html" in self.answer.text[:500].lower()


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str:
    """The endpoint that answers an address; "" for what is not ours."""
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(address).path, method)[0])
    except (HTTPException, RequestRedirect):
        return ""


def addresses_without_ids(app: Flask) -> list[str]:
    """Every address of the console and of the phone pages that is the same for everybody."""
    rules = app.url_map.iter_rules()
    return sorted(r.rule for r in rules if "GET" in (r.methods or ()) and not r.arguments and _FOR_PEOPLE.match(r.rule))


@dataclass
class Desk:
    """One account at the console with a browser of its own, and everything it has looked at; "" is nobody's.

    `alike` pages of each kind are looked at: the first of a list is like the others.
    """

    world: World
    username: str
    alike: int = 1
    visits: list[Visit] = field(default_factory=list)
    _seen: Counter[tuple[str, frozenset[str]]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        url = self.world.product_url
        stranger = httpx.Client(base_url=url, follow_redirects=True, timeout=30) if not self.username else None
        self.browser = stranger or Registrar(self.world, self.username).browser

    def look_everywhere(self) -> None:
        """Follow links to every page of the console, a few of each kind; from every address that needs no id."""
        self.look_around(*addresses_without_ids(self.world.app))

    def look_around(self, *starts: str) -> None:
        """Follow links from some addresses to every page that is new."""
        waiting = list(starts)
        while waiting:
            address = waiting.pop(0)
            if self._is_new(address):
                visit = self._keep("GET", address, self.browser.get(address))
                waiting += self.links(visit)

    def _is_ours(self, address: str) -> bool:
        root = self.world.product_url
        return address.startswith(root) and _FOR_PEOPLE.match(address.removeprefix(root)) is not None

    def links(self, visit: Visit) -> list[str]:
        """Where a page leads to by a link or a form that only asks."""
        document = visit.document
        if document is None:
            return []
        asked = {value for name, value in document.addresses if name in ("href", "hx-get")}
        asked |= {form.action for form in document.forms if form.method == "get"}
        here = str(visit.answer.url)
        return sorted(self._path(urljoin(here, address)) for address in asked if self._is_ours(urljoin(here, address)))

    def forms(self) -> Iterator[tuple[Visit, Form]]:
        """Every form seen so far that changes or asks by POST, with the page it is on."""
        for visit in list(self.visits):
            for form in visit.document.forms if visit.document else ():
                if form.method == "post":
                    yield visit, form

    def send(self, visit: Visit, form: Form, answers: Mapping[str, str]) -> Visit:
        """Fill in a form and send it; what the page does not hold is taken from `answers` by the field's name."""
        here = str(visit.answer.url)
        address = self._path(urljoin(here, form.action or here))
        data = {name: _answer(name, given, answers) for name, given in form.fields.items()}
        answer = self.browser.post(address, data=data, headers={"Referer": here})
        return self._keep("POST", address, answer)

    def press_everything(self, answers: Mapping[str, Sequence[str]], leave: Container[str]) -> None:
        """Fill in and send every form, a few of each kind, those of the pages that come of it too.

        The first time a kind of form is sent each field gets its first answer, then its second, and so on. Endpoints in
        `leave` are left alone.
        """
        sent: Counter[str] = Counter()
        going = True
        while going:
            going = False
            for visit, form in list(self.forms()):
                endpoint = endpoint_of(self.world.app, urljoin(str(visit.answer.url), form.action), "POST")
                turns = max((len(given) for given in self._answers(form, answers)), default=1)
                if endpoint not in leave and sent[endpoint] < max(turns, ALIKE):
                    turn = {name: given[sent[endpoint] % len(given)] for name, given in answers.items()}
                    sent[endpoint] += 1
                    self.look_around(*self.links(self.send(visit, form, turn)))
                    going = True

    def _answers(self, form: Form, answers: Mapping[str, Sequence[str]]) -> Iterator[Sequence[str]]:
        for name, given in form.fields.items():
            if given.kind not in ("hidden", "submit", "button", "select", "checkbox", "radio"):
                yield from (answer for pattern, answer in answers.items() if re.search(pattern, name))

    def _keep(self, method: str, address: str, answer: httpx.Response) -> Visit:
        # After a redirect the page is another one's.
        endpoint = endpoint_of(self.world.app, str(answer.url), answer.request.method)
        visit = Visit(endpoint, self._path(str(answer.url)), answer)
        self.visits.append(visit)
        return visit

    def _is_new(self, address: str) -> bool:
        endpoint = endpoint_of(self.world.app, address)
        if not endpoint or endpoint.endswith((".asset", ".unknown_page")):
            return False
        kind = (endpoint, frozenset(name for name, _ in parse_qsl(urlsplit(address).query)))
        known = any(visit.address == address for visit in self.visits)
        self._seen[kind] += 1
        return not known and self._seen[kind] <= self.alike

    def _path(self, address: str) -> str:
        parts = urlsplit(urldefrag(address)[0])
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _answer(name: str, given: Field, answers: Mapping[str, str]) -> str:
    if given.kind in ("hidden", "submit", "button"):
        return given.value
    if given.kind == "select":
        return next((choice for choice in given.choices if choice), "")
    if given.kind in ("checkbox", "radio"):
        return given.value
    wanted = next((answer for pattern, answer in answers.items() if re.search(pattern, name)), "")
    return given.value or wanted
