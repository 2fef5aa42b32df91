"""Looks at a tab after every action, in the windows that people have, and collects what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.service.console.every_page.eyes import EYES, see

SIZES = ((1280, 800), (1366, 768), (1440, 900), (1024, 768), (390, 844))
"""Of the window, in pixels: desks, a tablet on its side, a phone."""

DARK = (1440, 900)
"""The window in which the dark colours are looked at: colours do not depend on its size."""


@dataclass(frozen=True)
class Onlooker:
    """Checks a tab after every action and collects the faults."""

    tab: Any
    width: int
    window: str
    faults: list[str]

    def sees(self, action: str, *more: str) -> None:
        """Check after every action: no horizontal scrolling, a visible focus, readable text, large targets."""
        self.look(action, "wide()", "covered()", "faint()", "small()", *more)

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
    """Give one tab the sizes of all windows in turn: a window of its own takes the browser a second."""
    tab.add_init_script(EYES)
    for size in SIZES:
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        dark = size == DARK
        tab.emulate_media(reduced_motion="reduce", color_scheme="dark" if dark else "light")
        yield Onlooker(tab, size[0], f"{size[0]}x{size[1]}{' dark' if dark else ''}", faults)
