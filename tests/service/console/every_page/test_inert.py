"""Hostile text in every writable field stays inert in a browser, on every page that shows it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(60)]

CORPUS = Path(__file__).parents[3] / "data" / "hostile.txt"
SCRIPT = "<script>alert(1)</script>"

LOOK = r"""
[
  [...document.querySelectorAll("*")].flatMap(one => [...one.attributes].filter(a =>
    (/^on|^style$|^srcdoc$/i.test(a.name) && !(one.matches("html") && /^(--(head|bar): \d+px;\s*)+$/.test(a.value)))
    || (/^(href|src|action)$/.test(a.name) && /^\s*(javascript|data|\/\/)/i.test(a.value))
  ).map(a => `${one.tagName} ${a.name}=${a.value}`)),
  [...document.querySelectorAll("main :is(script, base, link, style, meta, math, object, embed)")].map(one => one.tagName),
  [...document.querySelectorAll("main img")].map(one => one.getAttribute("src")),
  document.body.innerText,
]
"""
"""Attributes that run or fetch, elements that do, addresses of pictures, and the words that a person sees.

The console's own script gives the root the heights of its bars.
"""

SILENT = {
    *("login", "wrong password", "no provider", "second factor", "account with a second factor"),
    *("form for complaints", "form with an error", "thanks", "no such alert", "empty queue"),
    *("look-up", "draft check", "checked draft", "complaint about an alert", "wrong address"),
    *(
        "no such case",
        "unread case",
        "agreement",
        "keys",
        "set a password",
        "worthless link",
        "recovery codes",
        "draft with an error",
        "shadow runs",
    ),
    "shortcuts",
}
"""Pages without words from outside."""


@pytest.fixture
def taint() -> str:
    return CORPUS.read_text("utf-8").replace("\n", " ")


def test_hostile_texts_stay_inert_on_every_page(
    tour: Callable[..., Iterator[tuple[Any, Any]]], address: str
) -> None:
    faults: list[str] = []
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        # A case asks before it is left with words that were not sent.
        if dialog.type == "beforeunload":
            dialog.accept()
            return
        faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def watch(tab: Any) -> None:
        tab.on("dialog", answer)
        tab.on("pageerror", lambda error: faults.append(f"error {error}"))
        tab.on("popup", lambda other: faults.append(f"popup {other.url}"))
        tab.on("request", lambda request: asked.append(request.url))

    silent, at = set(), urlsplit(address).netloc
    for visit, tab in tour(watch=watch):
        # What waits for focus, the pointer or the next turn gets its chance.
        tab.keyboard.press("Tab")
        tab.mouse.move(400, 300)
        tab.wait_for_timeout(100)
        assert urlsplit(tab.url).netloc == at, visit.name
        planted, foreign, sources, words = tab.evaluate(LOOK)
        assert planted == [], visit.name
        assert foreign == [], visit.name
        # Pictures come only from our own routes.
        ours = re.compile(r"/(cases/\d+/pictures|complaints/\d+/photos)/[0-9a-f]+(/\w+)?(\?.*)?")
        assert [src for src in sources if not ours.fullmatch(src)] == [], visit.name
        if SCRIPT not in words:
            silent.add(visit.name)
        assert faults == [], visit.name
    assert {url for url in asked if urlsplit(url).netloc != at} == set()
    assert silent <= SILENT, silent - SILENT
