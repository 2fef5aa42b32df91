"""A reviewer's way through the console, in the windows that people have: nothing covered, faint or too
wide."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from labels.taxonomy import ClaimLabel
from tests.service.console.every_page.eyes import EYES, see
from tests.service.console.every_page.maker import BENEFIT, LEAD

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow(25)]

SIZES = ((1280, 800), (1366, 768), (1440, 900), (1024, 768), (390, 844))
"""Of the window, in pixels: desks, a tablet on its side, a phone."""

DESKS = SIZES[:3]


@dataclass(frozen=True)
class Onlooker:
    """Checks a tab after every action and collects the faults."""

    tab: Any
    window: str
    faults: list[str]

    def sees(self, action: str, *more: str) -> None:
        """Check after every action: no horizontal scrolling, a visible focus, readable text."""
        self.look(action, "wide()", "covered()", "faint()", *more)

    def look(self, action: str, *looks: str) -> None:
        self.faults.extend(f"{self.window}, {action}: {fault}" for fault in see(self.tab, *looks))

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)
            self.sees(f"{key} on {self.tab.evaluate('location.pathname')}")

    def goes(self, action: str, pattern: str, act: Callable[[], Any]) -> None:
        """An action that opens another page."""
        with self.tab.expect_navigation(url=pattern):
            act()
        self.sees(action)

    def clicks(self, selector: str, pattern: str) -> None:
        self.goes(f"{selector} clicked", pattern, self.tab.locator(selector).first.click)

    def opens(self, address: str) -> None:
        self.goes(address, f"**{address}", lambda: self.tab.evaluate("to => location.assign(to)", address))


def told(faults: list[str]) -> str:
    """Return each fault once, with the places where it was seen."""
    places: dict[str, list[str]] = {}
    for where, fault in (line.split(": ", 1) for line in dict.fromkeys(faults)):
        places.setdefault(fault, []).append(where)
    return "\n" + "\n".join(
        f"{fault} [{len(where)}: {'; '.join(where[:6])}]" for fault, where in places.items()
    )


@contextmanager
def window(page: Any, size: tuple[int, int], motion: str = "reduce") -> Iterator[Any]:
    """A tab in a window of a size, without cookies; one browser serves all."""
    context = page.context.browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="th-TH", reduced_motion=motion
    )
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    tab.add_init_script(EYES)
    yield tab
    context.close()


def works_the_queue(look: Onlooker, password: str) -> None:
    """Logs in and opens the first case, by keyboard."""
    tab = look.tab
    look.sees("login")
    tab.keyboard.type(LEAD)
    look.presses("Tab")
    tab.keyboard.type(password)
    look.goes("Enter", "**/queue", lambda: tab.keyboard.press("Enter"))
    look.presses("j", "j", "k", "/", "Escape", "f", "Escape", "v", "v", "Shift+?", "Escape")
    tab.evaluate("document.activeElement.blur()")
    look.presses("j", "k")
    look.goes("Enter", "**/cases/*", lambda: tab.keyboard.press("Enter"))


def opens_the_parts(look: Onlooker) -> None:
    """Press N and M at the top and at the bottom of the page: the whole part is visible between the bars."""
    tab = look.tab
    for key, part in (("n", "note-part"), ("m", "more")):
        for place in ("0", "document.body.scrollHeight"):
            tab.evaluate(f"document.getElementById('{part}').open = false; scrollTo(0, {place})")
            tab.keyboard.press(key)
            look.sees(f"{key} pressed", f"whole('{part}')", "outline()")
            look.presses("Escape")


def works_a_case(look: Onlooker) -> None:
    """Mark claims, add words, tab through the page, decide, and withdraw the decision."""
    tab = look.tab
    look.presses("c", "r", "k", "u", "j", "j", "n")
    tab.keyboard.type("อวดอ้างชัดเจน")
    look.presses("Escape")
    opens_the_parts(look)
    look.presses("k", "e", "ArrowRight", "Shift+ArrowLeft", "Escape", "a", "ArrowDown", "Escape")
    tab.evaluate("document.getElementById('added').open = true")
    tab.fill("#words", BENEFIT if BENEFIT in tab.locator("#text").inner_text() else "แคปซูล")
    tab.select_option("#words-label", ClaimLabel.ABSOLUTE)
    tab.click("button[name=add]")
    tab.locator("#added-1").wait_for()
    look.sees("words added")
    tab.evaluate("scrollTo(0, 0)")
    for _ in range(tab.locator(":is(a, button, input, select, textarea, summary):visible").count()):
        tab.keyboard.press("Tab")
        look.look("Tab", "covered()", "outline()")
    decides(look, "**/cases/*saved=*", "1")


def decides(look: Onlooker, pattern: str, key: str) -> None:
    """The page after a decision offers the way back; it is looked at in every state, and taken."""
    tab = look.tab
    tab.evaluate("document.activeElement.blur()")
    look.goes(f"{key} pressed", pattern, lambda: tab.keyboard.press(key))
    assert tab.locator("[data-undo]").is_visible()
    tab.locator("[data-undo]").hover()
    look.sees("pointer on Undo")
    tab.locator("[data-undo]").focus()
    look.sees("Tab to Undo", "outline()")
    tab.evaluate("document.activeElement.blur()")
    look.goes("z pressed", "**withdrawn=1*", lambda: tab.keyboard.press("z"))


def finishes_the_queue(look: Onlooker, office: Any) -> None:
    """Decide the last case under a filter: the queue says that nothing is left, with a link back."""
    permit = office.ids["permit"]
    look.opens(f"/cases/{permit}?platform=facebook")
    decides(look, "**/queue*", "5")


def works_the_rest(look: Onlooker, decided: int) -> None:
    """What a lead does with a case that was decided: seller, referral, alert, complaint."""
    tab = look.tab
    look.opens(f"/cases/{decided}")
    look.clicks("#seller a", "**seller=1**")
    look.clicks("#make-referral", "**/referrals**")  # refused where there is one already
    look.opens("/referrals/1")
    tab.fill("#send input[name=address]", "กองบังคับการ ปคบ.")
    look.clicks("#send button", "**/referrals/*")
    look.opens("/referrals")
    look.opens("/alert-desk")
    look.clicks("tbody a", "**/alert-desk/*")
    look.opens("/complaints?kind=all")
    look.clicks("tbody a", "**/complaints/*")
    for address in ("/campaigns", "/second-look", "/dashboard", "/account"):
        look.opens(address)


def complains(look: Onlooker, address: str) -> None:
    """A citizen reads the alerts, and complains, at first without saying what happened."""
    tab = look.tab
    tab.goto(f"{address}/alerts")
    look.sees("public alerts")
    look.clicks("main li a", "**/alerts/*")
    look.opens("/complain")
    tab.select_option("#field-category", "late")
    tab.fill("#field-detail", " ")
    look.presses("Tab")
    tab.click("button.primary")
    tab.locator("#faults").wait_for()
    look.sees("complaint refused")
    tab.fill("#field-detail", f"สั่งของแล้วไม่ได้รับ {look.window}")
    look.clicks("button.primary", "**/complain/thanks/**")


def test_a_reviewer_sees_what_is_worked_on_in_every_window(
    page: Any, address: str, scene: Any, filled: Any, password: str
) -> None:
    faults: list[str] = []
    for size in SIZES:
        with window(page, size) as tab:
            look = Onlooker(tab, f"{size[0]}x{size[1]}", faults)
            tab.goto(f"{address}/login")
            works_the_queue(look, password)
            works_a_case(look)
            finishes_the_queue(look, filled)
            works_the_rest(look, filled.ids["decided"])
        with window(page, size) as tab:
            complains(Onlooker(tab, f"{size[0]}x{size[1]}", faults), address)
    assert not faults, told(faults)


def test_the_parts_stand_clear_of_the_bar_after_a_smooth_scroll(
    page: Any, address: str, filled: Any, password: str, sign_in: Callable[..., None]
) -> None:
    faults: list[str] = []
    for size in DESKS:
        with window(page, size, "no-preference") as tab:
            sign_in(tab, address, password, f"/cases/{filled.ids['worst']}")
            for key, part in (("n", "note-part"), ("m", "more")):
                tab.keyboard.press(key)
                tab.wait_for_timeout(500)
                look = Onlooker(tab, f"{size[0]}x{size[1]}", faults)
                look.sees(f"{key} pressed", f"whole('{part}')")
                tab.keyboard.press("Escape")
    assert not faults, told(faults)
