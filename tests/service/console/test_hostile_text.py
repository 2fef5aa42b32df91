"""Text of listings is hostile: whatever a seller writes, a page shows it as text."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Capture, Claim, Contact, ContactKind, Finding, Listing
from labels.taxonomy import ClaimLabel, Verdict

CORPUS = (Path(__file__).parents[2] / "data" / "hostile.txt").read_text("utf-8").strip("\n").split("\n")

TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "a",
        "header",
        "span",
        "nav",
        "div",
        "button",
    ),
    *(
        "form",
        "input",
        "main",
        "h1",
        "h2",
        "section",
        "p",
        "label",
        "textarea",
        "fieldset",
        "legend",
        "kbd",
        "b",
    ),
    *(
        "template",
        "i",
        "dl",
        "dt",
        "dd",
        "ol",
        "ul",
        "li",
        "bdi",
        "q",
        "code",
        "details",
        "summary",
        "br",
        "dialog",
    ),
    *(
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "meter",
        "time",
        "select",
        "optgroup",
        "option",
    ),
}


NAMES = ("each_page", "console", "unsaved", "find", "spans", "ahead")
SCRIPTS = [f"/console/static/{name}.js" for name in NAMES]
"""Of every page, of those for people who are logged in, and of a case."""


class Reader(HTMLParser):
    """Notes every element and attribute, and the text between them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def inert(page: str, shown: str | None = None) -> None:
    reader = Reader()
    reader.feed(page)
    assert set(reader.tags) <= TAGS
    scripts = [value for tag, name, value in reader.attributes if (tag, name) == ("script", "src")]
    assert scripts in (SCRIPTS[:3], SCRIPTS[:4], SCRIPTS)
    assert reader.tags.count("script") == len(scripts)
    assert reader.tags.count("meta") == 3
    assert reader.tags.count("link") == 3
    for tag, name, value in reader.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "srcdoc"), (tag, name)
        if name in ("href", "src", "action", "formaction"):
            assert value.startswith(("/", "#", "https://")), (tag, name, value)
            assert not value.startswith("//")
    if shown is not None:
        assert shown in reader.text


@pytest.mark.parametrize("bad", CORPUS)
def test_hostile_listings_stay_inert_in_every_page(
    client: TestClient, office: Any, assess: Any, decide: Any, bad: str
) -> None:
    listing = Listing(
        id=bad,
        title=bad,
        description=f"ก {bad} ข {bad}",
        url=bad,
        seller=bad,
        seller_url=bad,
        price=bad,
        currency=bad,
        images=[bad, f"https://shop.example/{bad}"],
    )
    text, size = listing.text, len(bad)
    claims = [
        Claim(start=0, end=size, label=ClaimLabel.DISEASE, probability=0.9, text=bad),
        Claim(
            start=size // 2, end=size + 3, label=ClaimLabel.ABSOLUTE, probability=0.8, text=text[size // 2 :]
        ),
        Claim(start=-5, end=len(text) + 9, label=ClaimLabel.BENEFIT, probability=0.2, text=bad),
    ]
    contact = Contact(start=0, end=1, kind=ContactKind.URL, value=bad)
    finding = Finding(code=bad, thai=bad, english=bad)
    assessment = assess(
        listing, claims, Verdict.PROHIBITED, 0.9, contacts=[contact], findings=[finding], model=bad
    )
    evil = Capture(
        url=bad,
        status=200,
        captured_at="2026-11-24T00:00:00Z",
        sha256="0" * 64,
        warc_file=bad,
        warc_record_id=bad,
        content_type=bad,
    )
    number = office.add(listing, assessment, [evil])
    assert decide(number, Verdict.PROHIBITED, {1: "confirm"}, note=bad).status_code == 303
    inert(client.get("/queue").text, bad)
    inert(client.get(f"/cases/{number}").text, bad)
    inert(decide(number, "", {}, note=bad, q=bad).text, bad)


@pytest.mark.parametrize("bad", CORPUS)
def test_hostile_queries_and_logins_stay_inert(
    client: TestClient, filled: Any, log_in: Any, bad: str
) -> None:
    inert(client.get("/queue", params={"q": bad, "verdict": bad, "page": bad, "state": bad}).text)
    inert(client.get(f"/cases/{filled.ids['worst']}", params={"q": bad, "class": bad, "saved": bad}).text)
    client.cookies.clear()
    inert(client.get("/login", params={"next": bad}).text)
    inert(log_in(client, name=bad, password=bad, next=bad).text)
