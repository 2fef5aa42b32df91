"""No address, text, number or day of any length makes a page fail, and no form fails on what is typed into it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.every import every
from tests.service.console.every_page.test_accessibility import opened

pytestmark = pytest.mark.slow(40)

LONG = ("ก" * 3000, "\u200b" * 300, "๙" * 400, "\u202eกลับ" * 40, "a\u0e49" * 900)
WORDS = st.sampled_from((*LONG, " ", "\x00", "%", "'\"<", "ก่า ")) | st.text(max_size=80)
NUMBERS = st.integers(-(10**30), 10**30).map(str) | st.sampled_from(
    ("0", "-1", "1", "9" * 400, "1e999", "NaN", "๑๒๓", "2147483648", "9223372036854775808", "²")
)
DAYS = st.dates().map(str) | st.sampled_from(
    ("0000-00-00", "9999-12-31", "0001-01-01", "31/2/2569", "1/1/1", "1/1/9999")
)
QUERY = (
    *("q", "page", "after", "before", "from", "to", "sort", "view", "state", "class", "verdict", "seller"),
    *("decided", "left", "undone", "kept", "campaign", "decider", "outcome", "assigned", "licence", "label"),
    *("alert", "example", "recipient", "reference", "kind", "status", "owner", "saved", "withdrawn", "next"),
    *("period", "since", "until", "days", "platform", "part", "open", "late", "number", "bulk"),
)
"""Names of parameters of addresses; a page ignores those of others."""
APART = re.compile(r"/(logout|users/\d+/.*|account/.*)")
"""Forms that shut the person out; their fields are those of accounts, which have tests of their own."""
QUIET = settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass
class Sheet:
    """A form: where it goes, its fields with their kinds and offered values, its buttons."""

    action: str
    multipart: bool
    kinds: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, value, and an address of its own."""


class Sheets(HTMLParser):
    """Collects the forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Sheet] = []
        self._by_id: dict[str, Sheet] = {}
        self._open: Sheet | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form" and has.get("method", "").lower() == "post":
            self._open = Sheet(has.get("action", ""), "multipart" in has.get("enctype", ""))
            self.found.append(self._open)
            self._by_id[has.get("id", "")] = self._open
        sheet = self._by_id.get(has["form"]) if "form" in has else self._open
        if sheet is None:
            return
        name, kind = has.get("name", ""), has.get("type", "text")
        if tag == "button":
            sheet.buttons.append((name, has.get("value", ""), has.get("formaction", "")))
        elif tag == "select":
            self._select = name
            sheet.kinds[name] = "select"
        elif tag == "option" and self._select:
            sheet.values.setdefault(self._select, []).append(has.get("value", ""))
        elif tag in ("input", "textarea") and name and kind != "file":
            sheet.kinds[name] = "textarea" if tag == "textarea" else kind
            sheet.values.setdefault(name, []).append(has.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = None if tag == "form" else self._open
        self._select = "" if tag == "select" else self._select


def sheets_of(page: str) -> list[Sheet]:
    reader = Sheets()
    reader.feed(page)
    return reader.found


def typed(sheet: Sheet, words: str, number: str, day: str) -> dict[str, list[str]]:
    """What a person would send who types these into every field and chooses the last of each choice."""
    sent: dict[str, list[str]] = {}
    for name, kind in sheet.kinds.items():
        offered = sheet.values.get(name) or [""]
        if kind == "hidden":
            sent[name] = offered
        elif kind in ("radio", "select", "checkbox"):
            sent[name] = [offered[-1]]
        elif kind == "number":
            sent[name] = [number]
        elif kind == "date" or re.search("day|date|due|_on$", name):
            sent[name] = [day]
        else:
            sent[name] = [words]
    return sent


@pytest.fixture
def taint() -> str:
    return "".join(words[:190] for words in LONG)


@pytest.fixture
def visits(
    scene: Any, app: FastAPI, log_in: Callable[..., Any], password: str
) -> Iterator[Callable[[Any], Any]]:
    """Opens the page of a visit as the person who makes it; returns their browser and the answer."""
    people: dict[str | None, TestClient] = {}

    def go(visit: Any) -> tuple[TestClient, Any]:
        browser = people.setdefault(
            visit.who, TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        )
        answer = browser.get(visit.address)
        if visit.who is not None and "/login" in answer.headers.get("location", ""):
            assert log_in(browser, visit.who, password).status_code == 303
            answer = browser.get(visit.address)
        return browser, answer

    yield go
    for browser in people.values():
        browser.close()


def test_words_of_any_length_in_every_field_are_shown(scene: Any, visits: Callable[[Any], Any]) -> None:
    def check(visit: Any) -> None:
        _, answer = visits(visit)
        assert answer.status_code in (200, 303, 404), visit.address

    every(((visit,) for visit in scene.visits), check)


@QUIET
@given(number=NUMBERS, words=WORDS, day=DAYS)
def test_any_address_has_an_answer(
    visits: Callable[[Any], Any], scene: Any, app: FastAPI, number: str, words: str, day: str
) -> None:
    who = {visit.route: visit for visit in scene.visits}
    typed = [value[:90] for value in (number, words, day)]  # a browser's client refuses longer addresses

    def check(place: int, route: str) -> None:
        browser, _ = visits(who.get(route, scene.visits[-1]))
        values = [quote(typed[(place + more) % 3], safe="") for more in range(3)]
        query = "&".join(f"{name}={values[at % 3]}" for at, name in enumerate(QUERY))
        for path in {re.sub(r"\{[^}]+\}", value or "x", route) for value in (values[0], "1")}:
            assert browser.get(f"{path}?{query}").status_code < 500, f"{path}?{query}"

    every(enumerate(sorted(opened(app))), check)


@QUIET
@given(words=WORDS, number=NUMBERS, day=DAYS)
def test_any_content_of_a_form_has_an_answer(
    visits: Callable[[Any], Any], scene: Any, words: str, number: str, day: str
) -> None:
    sent: set[str] = set()
    answers: set[int] = set()

    def check(visit: Any) -> None:
        browser, answer = visits(visit)
        for sheet in sheets_of(answer.text):
            for name, value, elsewhere in sheet.buttons or [("", "", "")]:
                action = urlsplit(elsewhere or sheet.action or visit.address).path
                key = f"{re.sub(r'[0-9]+', 'N', action)} {name}={value} {sorted(sheet.kinds)}"
                if APART.fullmatch(action) or key in sent:
                    continue
                sent.add(key)
                fields = typed(sheet, words, number, day) | ({name: [value]} if name else {})
                clean = {
                    unescape(k): [v.encode("utf-8", "replace").decode() for v in vs]
                    for k, vs in fields.items()
                }
                more: dict[str, Any] = {"files": {"unused": ("", b"")}} if sheet.multipart else {}
                status = browser.post(action, data=clean, **more).status_code
                answers.add(status)
                assert status < 500, (visit.name, action, name, value, status)

    every(((visit,) for visit in scene.visits), check)
    assert len(sent) > 40
    assert {303, 422} <= answers, "some are saved, and some are refused with a reason"
