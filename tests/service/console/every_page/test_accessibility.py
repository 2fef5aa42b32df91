"""Every page is checked by axe-core, and for visibility in each of its states."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.service.console.every_page.axe import RULES
from tests.service.console.every_page.eyes import EYES, see, see_every_state, see_every_stop
from tests.service.console.every_page.onlooker import ALL, SIZES

pytestmark = [pytest.mark.needs_browser, pytest.mark.slow]

DESK, TABLET = (1366, 900), (820, 900)
"""Windows, in pixels; the tablet is held upright."""
JUDGED = (DESK, TABLET, *SIZES) if ALL else (DESK, TABLET)
"""In these axe-core judges a page, in the second that of each route opened first; in the last, or in all by
`make accessibility`, each state is looked at, light and dark."""

BY_LAYOUT = ["target-size", "scrollable-region-focusable", "link-in-text-block", "skip-link"]
"""Rules of axe-core whose outcome can differ with the width although the same elements are shown."""

STOPPED_AT = SIZES if ALL else ((1024, 800), (390, 800))
"""In these a page must fit and nothing that has the focus may be covered; the last is a phone's. The walk has more."""

SHOWN = """
window.shown = [...document.querySelectorAll("body *")].map(
  one => [one, one.checkVisibility({visibilityProperty: true})])
"""
"""Keeps which elements are shown, for :func:`judged_again`."""

NO_PAGES = {
    "/": "leads on",
    "/login/oidc/callback": "leads on, or shows the page of /login/oidc or of an error",
    "/alerts.rss": "feed",
    "/alerts.atom": "feed",
    "/alerts.json": "feed",
    "/referrals/{referral_id}/pack": "file",
    "/referrals/{referral_id}/letter": "file",
    "/cases/{listing_id}/letter": "file",
    "/cases/{listing_id}/seller-letter/preview": "file",
    "/campaigns/{campaign_id}/letter/preview": "file",
    "/cases/{listing_id}/pictures/{sha256}/{size}": "file",
    "/cases/{listing_id}/alert/pictures/{sha256}/{look}": "picture",
    "/alerts/{number}/pictures/{sha256}.jpg": "picture",
    "/second-look/agreement.csv": "file",
    "/dashboard/tables/{name}.csv": "file",
    "/dashboard/shadow/{name}/report.json": "file",
    "/dashboard/notices.json": "file",
    "/complaints/{complaint_id}/photos/{photo_id}": "picture",
    "/cases/{listing_id}/evidence/{capture_id}/page": "the seller's page, in the frame of its viewer",
}
"""Routes without a page of ours -> why."""


def opened(app: FastAPI) -> set[str]:
    """The routes that a browser can open, those of included routers too."""
    routers = [found for route in app.routes if (found := getattr(route, "original_router", None))]
    routes = [*app.routes, *(route for router in routers for route in router.routes)]
    return {route.path for route in routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())}


def test_no_page_is_forgotten(app: FastAPI, scene: Any) -> None:
    """A new page needs a visit: add one to the scene in ``conftest.py``, or say above why it is no page."""
    visited = {visit.route for visit in scene.visits if visit.route}
    assert len(opened(app)) > 25
    assert opened(app) - visited - NO_PAGES.keys() == set()
    assert visited | NO_PAGES.keys() <= opened(app)
    assert len({visit.name for visit in scene.visits}) == len(scene.visits)


def judged(tab: Any, options: dict[str, Any], where: str = "document") -> tuple[int, list[Any]]:
    """Run axe-core, which is in the tab already; return how many rules passed, and the violations."""
    run = f"options => axe.run({where}, options).then(found => [found.passes.length, found.violations])"
    # A bar lies over whatever is scrolled under it, which axe-core takes for too small. see_every_stop() finds what a
    # bar covers while it has the focus.
    bars = "position => document.querySelectorAll('.verdict-bar, form.bulk').forEach(bar => bar.style.position = position)"
    tab.evaluate(bars, "static")
    passed, violations = tab.evaluate(run, options)
    tab.evaluate(bars, "")
    return passed, violations


def judged_again(tab: Any, options: dict[str, Any]) -> list[Any]:
    """Return the violations at another width: those of the layout, and all of what is shown or hidden now."""
    _, found = judged(tab, {"runOnly": {"type": "rule", "values": BY_LAYOUT}})
    changed = tab.evaluate(
        "(window.changed = shown.filter(([one, was]) => one.checkVisibility({visibilityProperty: true}) !== was)"
        ".map(([one]) => one.parentElement)).length"
    )
    return found + (judged(tab, options, "{include: [...new Set(changed)]}")[1] if changed else [])


def in_the_dark(tab: Any) -> list[str]:
    """Return the parts with too little contrast in dark mode, which changes nothing but colours."""
    tab.emulate_media(color_scheme="dark")
    faint = see_every_state(tab)
    tab.emulate_media(color_scheme="light")
    return faint


@pytest.mark.slow(80)
def test_every_page_is_accessible(tour: Callable[..., Iterator[tuple[Any, Any]]]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options: dict[str, Any] = {"runOnly": RULES, "resultTypes": ["violations"]}
    # see_every_state() below judges the contrast too, in less time; make accessibility has both.
    without_contrast = options | {"rules": {"color-contrast": {"enabled": False}}}
    found = []
    seen: Counter[str] = Counter()
    for visit, tab in tour(DESK[0], lambda tab: tab.add_init_script(EYES)):
        seen[visit.route] += 1
        tab.evaluate(axe.axe_script)
        for width, height in JUDGED:
            tab.set_viewport_size({"width": width, "height": height})
            violations: list[Any] = []
            if (width, height) == DESK:
                passed, violations = judged(tab, options if ALL else without_contrast)
                assert passed > 5, visit.name
                tab.evaluate(SHOWN)
            elif ALL or seen[visit.route] == 1:
                violations = judged_again(tab, without_contrast)
            for fault in violations:
                nodes = " | ".join(f"{n['target'][-1]}: {n['html'][:160]}" for n in fault["nodes"][:4])
                found.append(f"{visit.name}, {width}: {fault['id']} ({fault['impact']}): {nodes}")
            found += [f"{visit.name}, {width}: {fault}" for fault in see(tab, "wide()")]
            if ALL or (width, height) == JUDGED[-1]:
                found += [f"{visit.name}, {width}: {fault}" for fault in see_every_state(tab)]
                found += [f"{visit.name}, {width}, dark: {fault}" for fault in in_the_dark(tab)]
        for width, height in STOPPED_AT:
            tab.set_viewport_size({"width": width, "height": height})
            faults = see(tab, "wide()", "headed()") + see_every_stop(tab)
            found += [f"{visit.name}, {width}: {fault}" for fault in faults]
    assert seen.total() > 40
    assert not found, "\n" + "\n".join(found)
