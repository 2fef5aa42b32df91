"""Checks what a person sees of a page: whether it is readable and fits, and the focus is visible."""

from pathlib import Path
from typing import Any

EYES = Path(__file__).with_name("eyes.js").read_text("utf-8")
"""To be run in a tab before anything else: ``tab.add_init_script(EYES)``."""

STATES = ('":hover"', '":hover", ":active"', '":focus-visible", ":focus"')
"""Of what can be pointed at, pressed and reached by Tab."""


def see(tab: Any, *looks: str) -> list[str]:
    """Return the faults of a page in its present state, by calling ``eyes.js``."""
    found: list[str] = tab.evaluate(f"[{', '.join(f'eyes.{look}' for look in looks)}].flat()")
    return found


def see_every_state(tab: Any) -> list[str]:
    """Return low-contrast text of a page in its normal, hovered, pressed and focused states."""
    return see(tab, "faint()", *(f"pretend({state})" for state in STATES))


def see_every_stop(tab: Any) -> list[str]:
    """What is hidden, or has too faint an outline, where the Tab key stops."""
    # Outlines are for those who use the keyboard: a key first.  The script measures a bar in the next frame.
    tab.keyboard.press("Shift")
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return see(tab, "stops()")
