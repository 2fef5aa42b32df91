"""No address, text, number or day of any length makes a page fail, and no form fails on what is typed into it."""

import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.helpers.every import every
from tests.service.console.every_page.maker import LEAD
from tests.service.console.every_page.test_accessibility import opened

pytestmark = [pytest.mark.slow(30), pytest.mark.attack]

ROUNDS = int(os.environ.get("RUTHAN_TEST_ROUNDS", "1"))
"""Each sends every special value, since addresses and forms get them in turn, and random ones; `make attack` sets more."""

LONG = ("ก" * 3000, "\u200b" * 300, "๙" * 400, "\u202eกลับ" * 40, "a\u0e49" * 900)
WORDS = (*LONG, "", "\U0001f600", "\ufeff", " ", "\x00", "%", "'\"<", "ก่า ")
NUMBERS = (
    *("0", "-1", "1", "9" * 400, "1e999", "NaN", "๑๒๓", "2147483648", "9223372036854775808", "²"),
    *(str(10**30), str(-(10**30))),
)
DAYS = ("0000-00-00", "9999-12-31", "0001-01-01", "31/2/2569", "1/1/1", "1/1/9999")
SPECIAL = frozenset((*WORDS, *NUMBERS, *DAYS))
MARK = "<u>&amp;\"'"
"""Begins every field that outsiders or colleagues can write, so that it stands before any shortening."""
QUERY = (
    *("q", "page", "after", "before", "from", "to", "sort", "view", "state", "class", "verdict", "seller"),
    *("decided", "left", "undone", "kept", "campaign", "decider", "outcome", "assigned", "licence", "label"),
    *("alert", "example", "recipient", "reference", "kind", "status", "owner", "saved", "withdrawn", "next"),
    *("period", "since", "until", "days", "platform", "part", "open", "late", "number", "bulk"),
)
"""Names of parameters of addresses; a page ignores those of others."""
SILENT = {
    *("login", "wrong password", "no provider", "second factor", "account with a second factor"),
    *("set a password", "worthless link", "recovery codes", "keys", "look-up", "looked-up complaint"),
    *("form for complaints", "form with an error", "draft check", "checked draft", "no such alert"),
    *("no such case", "stored page", "answer templates", "record of notices", "agreement", "shadow runs"),
    *("thanks", "wrong address"),
}
"""Visits whose page shows nothing that outsiders or colleagues wrote."""
APART = re.compile(r"/(logout|users/\d+/.*|account/.*)")
"""Forms that shut the person out; their fields are those of accounts, which have tests of their own."""


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


@dataclass(frozen=True)
class Values:
    """The special values and three random ones; fields get them in turn, beginning elsewhere in each round."""

    shift: int
    words: str
    number: str
    day: str

    def text(self, place: int) -> str:
        return self._turn((*WORDS, *NUMBERS, *DAYS, self.words, self.number, self.day), place)

    def numeric(self, place: int) -> str:
        return self._turn((*NUMBERS, self.number), place)

    def date(self, place: int) -> str:
        return self._turn((*DAYS, self.day), place)

    def _turn(self, pool: Sequence[str], place: int) -> str:
        return pool[(place + self.shift) % len(pool)]


@pytest.fixture(params=range(ROUNDS))
def values(request: pytest.FixtureRequest) -> Values:
    drawn = random.Random(request.param)
    letters = [chr(drawn.choice((drawn.randrange(0xD800), drawn.randrange(0xE00, 0xE80)))) for _ in range(80)]
    return Values(
        shift=drawn.randrange(len(SPECIAL)),
        words="".join(letters),
        number=str(drawn.randint(-(10**30), 10**30)),
        day=str(date.fromordinal(drawn.randint(1, date.max.toordinal()))),
    )


def typed(sheet: Sheet, values: Values, start: int) -> dict[str, list[str]]:
    """What a person would send who types these into the fields and chooses the last of each choice."""
    sent: dict[str, list[str]] = {}
    for place, (name, kind) in enumerate(sheet.kinds.items(), start):
        offered = sheet.values.get(name) or [""]
        if kind == "hidden":
            sent[name] = offered
        elif kind in ("radio", "select", "checkbox"):
            sent[name] = [offered[-1]]
        elif kind == "number":
            sent[name] = [values.numeric(place)]
        elif kind == "date" or re.search("day|date|due|_on$", name):
            sent[name] = [values.date(place)]
        else:
            sent[name] = [values.text(place)]
    return sent


@pytest.fixture
def taint() -> str:
    return MARK + "".join(words[:190] for words in LONG)


@pytest.fixture
def people(
    app: FastAPI, log_in: Callable[..., Any], password: str
) -> Iterator[Callable[[str | None], TestClient]]:
    """Return a function from a person to their browser, in which they have logged in."""
    with ExitStack() as opened:

        @cache
        def of(who: str | None) -> TestClient:
            client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
            browser = opened.enter_context(client)
            if who is not None:
                assert log_in(browser, who, password).status_code == 303
            return browser

        yield of


class Main(HTMLParser):
    """Collects the elements of a page's main part, and its words with those of attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(page.partition("<main")[2].partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.words += " ".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_words_of_any_length_in_every_field_are_shown(
    scene: Any, people: Callable[[str | None], TestClient]
) -> None:
    silent = set()

    def check(visit: Any) -> None:
        answer = people(visit.who).get(visit.address)
        assert answer.status_code == visit.status, answer.status_code
        main = Main(answer.text)
        assert "u" not in main.tags
        if MARK not in main.words:
            silent.add(visit.name)

    every(((visit,) for visit in scene.visits), check)
    assert silent == SILENT


def test_any_address_has_an_answer(
    people: Callable[[str | None], TestClient], scene: Any, app: FastAPI, values: Values
) -> None:
    who = {visit.route: visit.who for visit in scene.visits}
    sent: set[str] = set()

    def value(place: int, at: int) -> str:
        kinds = (values.numeric, values.text, values.date)
        # A browser's client refuses longer addresses.
        given = kinds[(place + at + values.shift) % 3](place + at // 3)[:400]
        sent.add(given)
        return quote(given, safe="")

    def check(place: int, route: str) -> None:
        browser = people(who.get(route, LEAD))
        query = "&".join(f"{name}={value(place, at)}" for at, name in enumerate(QUERY))
        for path in {re.sub(r"\{[^}]+\}", inside or "x", route) for inside in (value(place, 0), "1")}:
            assert browser.get(f"{path}?{query}").status_code < 500, f"{path}?{query}"

    every(enumerate(sorted(opened(app))), check)
    assert {special[:400] for special in SPECIAL} <= sent
    for person in {*who.values()} - {None}:
        assert people(person).get("/account").status_code == 200, "still logged in"


def test_any_content_of_a_form_has_an_answer(
    people: Callable[[str | None], TestClient], scene: Any, values: Values
) -> None:
    sent: set[str] = set()
    written: set[str] = set()
    answers: set[int] = set()

    def check(visit: Any) -> None:
        browser = people(visit.who)
        answer = browser.get(visit.address)
        assert visit.who is None or "/login" not in answer.headers.get("location", ""), "still logged in"
        for sheet in sheets_of(answer.text):
            for name, value, elsewhere in sheet.buttons or [("", "", "")]:
                action = urlsplit(elsewhere or sheet.action or visit.address).path
                key = f"{re.sub(r'[0-9]+', 'N', action)} {name}={value} {sorted(sheet.kinds)}"
                if APART.fullmatch(action) or key in sent:
                    continue
                fields = typed(sheet, values, len(sent)) | ({name: [value]} if name else {})
                sent.add(key)
                written.update(*fields.values())
                more: dict[str, Any] = {"files": {"unused": ("", b"")}} if sheet.multipart else {}
                status = browser.post(action, data=fields, **more).status_code
                answers.add(status)
                assert status < 500, (visit.name, action, name, value, status)

    every(((visit,) for visit in scene.visits), check)
    assert len(sent) > 40
    assert written >= SPECIAL
    assert {303, 422} <= answers, "some are saved, and some are refused with a reason"
