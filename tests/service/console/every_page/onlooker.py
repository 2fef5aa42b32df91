"""Looks at a tab after every action, in the windows that people have, and collects what is wrong."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.service.console.every_page.axe import NOTES_CHANGES, axe_script, broken_rules
from tests.service.console.every_page.eyes import EYES, see

ALL = os.environ.get("RUTHAN_TEST_WINDOWS") == "all"
"""Whether every window is looked at light and dark, and axe-core judges the page after every action: ``make accessibility``."""

SIZES = ((1280, 800), (1366, 768), (1440, 900), (1024, 768), (390, 844))
"""Of the window, in pixels: desks, a tablet on its side, a phone."""

DARK = (1440, 900)
"""The window in which the dark colours are looked at: colours do not depend on its size."""

FEWER = (((1366, 768), False), (DARK, True), ((390, 844), False))
"""The lowest desk, the dark one and the phone."""

WINDOWS = tuple((size, dark) for size in SIZES for dark in (False, True)) if ALL else FEWER
"""The sizes, and whether the colours are dark."""


@dataclass(frozen=True)
class Onlooker:
    """Checks a tab after every action and collects the faults."""

    tab: Any
    width: int
    window: str
    faults: list[str]
    dark: bool = False
    axe: str = ""
    """The script of axe-core, where it is to judge the page after every action."""

    def sees(self, action: str, *more: str) -> None:
        """Check after every action: no horizontal scrolling, a visible focus, readable text, large targets."""
        self.look(action, "wide()", "covered()", "faint()", "small()", *more)
        if self.axe:
            found = broken_rules(self.tab, self.axe, self.dark)
            self.faults.extend(f"{self.window}, {action}: {fault}" for fault in found)

    def look(self, action: str, *looks: str) -> None:
        self.faults.extend(f"{self.window}, {action}: {fault}" for fault in see(self.tab, *looks))

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)
            self.sees(f"{key} on {urlsplit(self.tab.url).path}")

    def types(self, key: str, words: str) -> None:
        """Open a field by its key, type, and leave it."""
        self.presses(key)
        self.tab.keyboard.type(words)
        self.sees(f"typed after {key}")
        self.presses("Escape")

    def goes(self, action: str, pattern: str, act: Callable[..., Any], *given: Any) -> None:
        """An action that opens another page."""
        with self.tab.expect_navigation(url=pattern):
            act(*given)
        self.sees(action)

    def sends(self, key: str, pattern: str) -> None:
        self.goes(f"{key} pressed", pattern, self.tab.keyboard.press, key)

    def clicks(self, selector: str, pattern: str) -> None:
        self.goes(f"{selector} clicked", pattern, self.tab.locator(selector).first.click)

    def opens(self, address: str) -> None:
        self.goes(address, f"**{address}", self.tab.evaluate, "to => location.assign(to)", address)


def told(faults: list[str]) -> str:
    """Return each fault once, with the places where it was seen."""
    places: dict[str, list[str]] = {}
    for where, fault in (line.split(": ", 1) for line in dict.fromkeys(faults)):
        places.setdefault(fault, []).append(where)
    return "\n" + "\n".join(
        f"{fault} [{len(where)}: {'; '.join(where[:6])}]" for fault, where in places.items()
    )


def each_window(tab: Any, faults: list[str]) -> Iterator[Onlooker]:
    """Give one tab the sizes of windows in turn: a window of its own takes the browser a second."""
    tab.add_init_script(EYES)
    axe = axe_script() if ALL else ""
    if ALL:
        tab.add_init_script(NOTES_CHANGES)
        tab.set_default_timeout(120_000)  # on a machine that does other work for hours
    for (width, height), dark in WINDOWS:
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(reduced_motion="reduce", color_scheme="dark" if dark else "light")
        yield Onlooker(tab, width, f"{width}x{height}{' dark' if dark else ''}", faults, dark, axe)
