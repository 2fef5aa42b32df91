"""An office with something on every page, and the way to each page that a person can open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from crawler.evidence.writer import EvidenceFile, Exchange
from service.api import problems
from service.campaigns.grouping import group
from service.running.indexing import index_all
from service.settings import Settings
from service.store.cases.holds import Holder
from service.store.cases.reviews import Consequences
from service.store.tables.core_tables import Referral
from service.store.tables.referral_tables import Recipient, ReferralStatus
from tests.service.console.every_page.hands import Hands
from tests.service.console.every_page.maker import ADMIN, DISEASE, LEAD, REVIEWER, Maker
from tests.service.console.every_page.onlooker import ALL
from tests.service.console.pictured import add_picture_case

LONG = 30_000
"""Characters of a long text; test_long_listing.py has more."""


@dataclass(frozen=True)
class Visit:
    """A page: its route, an address of it, who opens it, what they do there first, and how it is answered.

    An address without a route has an empty one.
    """

    name: str
    route: str
    address: str
    who: str | None = LEAD
    act: Callable[[Any], None] | None = None
    status: int = 200


@dataclass(frozen=True)
class Scene:
    """The visits in their order."""

    visits: list[Visit]


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """The console as the service has it, with its page for a wrong address."""
    app.state.api_routes = []
    problems.install(app)
    return app


@pytest.fixture
def taint() -> str:
    """A text put into every field that outsiders or colleagues can write; a test may make it hostile."""
    return ""


@pytest.fixture
def scene(
    filled: Any,
    settings: Settings,
    password: str,
    taint: str,
    assess: Callable[..., Any],
    claim_in: Callable[..., Any],
    keep_shadow_run: Callable[[], str],
) -> Scene:
    make = Maker(filled, settings, password, taint, assess, claim_in)
    store = filled.store
    hands = Hands(password, make.people())
    look = make.disagreement()
    with EvidenceFile(settings.evidence.folder, {"software": "test"}) as file:
        body = f"<title>ร้าน</title><h1>{DISEASE}</h1><p>{taint}</p>".encode()
        capture = file.record(Exchange("https://shop.example/decided", 200, body, datetime.now(UTC)))
    decided = make.add("decided", [capture])
    (evidence,) = store.listings.captures(decided)
    make.decide(decided, REVIEWER, consequences=Consequences(referrals=frozenset({Referral.CONSUMER_POLICE})))
    store.holds.place(decided, f"สำนวนที่ 9/2569 {taint[:300]}", Holder(LEAD, f"reviewer:{LEAD}"))
    store.golden.mark(decided, make.id_of(LEAD))
    withdrawn, drafted = make.add("withdrawn"), make.add("drafted")
    for number in (withdrawn, drafted):
        make.decide(number, REVIEWER)
    make.lapse("lapsed")
    make.overturned("overturned")
    asked = make.asked("asked")
    contested = make.contested("contested")
    make.webhooks()
    alerts = (make.alert(decided), make.alert(withdrawn))
    make.correct(alerts[0])
    warned = make.add("warned")
    make.decide(warned, REVIEWER)
    make.alert(warned)
    store.seller_data.ask(
        decided, make.id_of(LEAD), f"สธ 1/2569 {taint[:100]}", datetime(2026, 11, 2, tzinfo=UTC)
    )
    store.alerts.withdraw(alerts[1], make.id_of(LEAD), f"ตรวจสอบใหม่แล้ว {taint[:200]}")
    referral = make.referral(decided, Recipient.CONSUMER_POLICE)
    downloaded = make.downloaded_referral(drafted)
    answered = make.referral(decided, Recipient.PLATFORM, ReferralStatus.SENT, ReferralStatus.ACTED)
    joint = make.joint_referral((decided, drafted), Recipient.CYBER_POLICE)
    pictured = add_picture_case(filled, settings, assess, taint[:300]).listing
    open_case, held = make.add("open"), make.add("held")
    store.assignments.begin(held, store.users.find("lek"), timedelta(hours=1))
    filler = "แคปซูลสมุนไพรบำรุงร่างกายให้สดชื่นทุกวัน ราคาพิเศษ\n"
    text = make.listing("x").description
    long = make.add("long", description=text + "\n" + filler * ((LONG - len(text)) // len(filler)))
    group(store)
    campaign = store.campaigns.of(open_case).id
    number_and_code = make.complaints()
    lead = store.users.find(LEAD)
    store.views.save(lead, f"ผิดชัดเจน {taint[:80]}", "verdict=prohibited", shared=True)
    store.views.save(lead, "ของฉัน", "state=waiting")
    index_all(store)
    shadow = keep_shadow_run()
    year = store.alerts.get(alerts[0]).year
    link = store.password_links.make(store.users.find("lek").id, "cli")

    case, one_campaign, one_referral = (
        "/cases/{listing_id}",
        "/campaigns/{campaign_id}",
        "/referrals/{referral_id}",
    )
    stored = case + "/evidence/{capture_id}"
    correction = "/alert-desk/{alert_id}/correct"
    return Scene(
        [
            Visit("login", "/login", "/login", None),
            Visit(
                "wrong password",
                "/login",
                "/login",
                None,
                lambda page: hands.logs_in(page, "nok", "ผิด-ผิด-ผิด-ผิด"),
            ),
            Visit("no provider", "/login/oidc", "/login/oidc", None, status=404),
            Visit("wrong address", "", "/no-such-page", None, status=404),
            Visit("second factor", "/login/code", "/login", None, hands.asks_for_a_code),
            Visit(
                "account with a second factor", "/account", "/login?next=/account", None, hands.gives_a_code
            ),
            Visit("form for complaints", "/complain", "/complain", None),
            Visit("form with an error", "/complain", "/complain", None, hands.complains_badly),
            Visit("draft check", "/check", "/check?example=cosmetic", None),
            Visit("checked draft", "/check", "/check", None, hands.checks_a_draft),
            Visit("thanks", "/complain/thanks/{year}/{serial}", f"/complain/thanks/{year}/1", None),
            Visit("look-up", "/complain/status", "/complain/status", None),
            Visit(
                "looked-up complaint",
                "/complain/status",
                "/complain/status",
                None,
                lambda page: hands.looks_up(page, *number_and_code),
            ),
            Visit("public alerts", "/alerts", "/alerts?class=food_supplement", None),
            Visit("public alert", "/alerts/{number:path}", f"/alerts/0001-{year}", None),
            Visit("withdrawn public alert", "/alerts/{number:path}", f"/alerts/0002-{year}", None),
            Visit("seller's pattern", "/alerts/{number}/again", f"/alerts/0001-{year}/again", None),
            Visit("complaint about an alert", "/complain", f"/complain?alert=0001-{year}", None),
            Visit("no such alert", "/alerts/{number:path}", f"/alerts/0999-{year}", None, status=404),
            Visit("queue", "/queue", "/queue?view=all", act=hands.ticks_all_rows),
            Visit("rows before a decision", "/queue", "/queue?view=all", act=hands.previews_rows),
            Visit(
                "queue of a search",
                "/queue",
                "/queue?q=แคปซูล&state=waiting&sort=newest",
                act=hands.opens_everything,
            ),
            Visit("empty queue", "/queue", "/queue?q=ไม่มีคำนี้&class=drug&from=2026-11-02&to=2026-11-01"),
            Visit("own work", "/mine", "/mine"),
            Visit("quick search", "/find", "/find?q=เบาหวาน"),
            Visit("dialog of the quick search", "/queue", "/queue", act=hands.searches_quickly),
            Visit("seller", case + "/seller", f"/cases/{decided}/seller", act=hands.opens_everything),
            Visit(
                "decision on a seller",
                case + "/seller/preview",
                f"/cases/{decided}/seller/preview",
                act=hands.opens_everything,
            ),
            Visit("queue of questions", "/queue", "/queue?assigned=asked"),
            Visit("queue of appeals", "/queue", "/queue?appeal=open"),
            Visit("contested case", case, f"/cases/{contested}", act=hands.opens_everything),
            Visit("unsure case", case, f"/cases/{asked}", act=hands.opens_everything),
            Visit("shortcuts", "/account", "/account", act=hands.asks_for_help),
            Visit("case", case, f"{case.format(listing_id=open_case)}?seller=1", act=hands.adds_words),
            Visit("decided case", case, f"/cases/{decided}?seller=1", act=hands.opens_everything),
            Visit("case with a picture", case, f"/cases/{pictured}", act=hands.opens_everything),
            Visit("held case", case, f"/cases/{held}"),
            Visit("unread case", case, f"/cases/{filled.ids['unread']}"),
            Visit("long case", case, f"/cases/{long}"),
            Visit("folded text", case + "/text", f"/cases/{long}/text?from=0&to=400"),
            Visit("no such case", case, "/cases/999999", status=404),
            Visit("stored page", stored, f"/cases/{decided}/evidence/{evidence.id}"),
            Visit("campaigns", "/campaigns", "/campaigns"),
            Visit("campaign", one_campaign, f"/campaigns/{campaign}", act=hands.opens_everything),
            Visit(
                "preview", one_campaign, f"/campaigns/{campaign}?reference={open_case}", act=hands.previews
            ),
            Visit(
                "joint letter", one_campaign + "/letter", f"/campaigns/{campaign}/letter?recipient=revenue"
            ),
            Visit(
                "seller's letter",
                case + "/seller-letter",
                f"/cases/{decided}/seller-letter?recipient=revenue",
            ),
            Visit("referrals", "/referrals", "/referrals"),
            Visit("referral", one_referral, f"/referrals/{referral}"),
            Visit("choice of the sent letter", one_referral, f"/referrals/{downloaded}"),
            Visit("answered referral", one_referral, f"/referrals/{answered}"),
            Visit("joint referral", one_referral, f"/referrals/{joint}"),
            Visit("alert desk", "/alert-desk", "/alert-desk"),
            Visit("draft", case + "/alert", f"/cases/{drafted}/alert"),
            Visit(
                "draft with an error",
                case + "/alert",
                f"/cases/{drafted}/alert",
                act=hands.types_what_is_personal,
            ),
            Visit("alert", "/alert-desk/{alert_id}", f"/alert-desk/{alerts[0]}", act=hands.opens_everything),
            Visit("withdrawn alert", "/alert-desk/{alert_id}", f"/alert-desk/{alerts[1]}"),
            Visit("correction", correction, correction.format(alert_id=alerts[0]), act=hands.previews_words),
            Visit("complaints", "/complaints", "/complaints?kind=all"),
            Visit("complaint", "/complaints/{complaint_id}", "/complaints/1"),
            Visit("exported complaint", "/complaints/{complaint_id}", "/complaints/2"),
            Visit(
                "answered complaint",
                "/complaints/{complaint_id}",
                "/complaints/3",
                act=hands.opens_everything,
            ),
            Visit("answer templates", "/complaints/templates", "/complaints/templates"),
            Visit("due times", "/dashboard/duties", "/dashboard/duties"),
            Visit("record of notices", "/dashboard/notices", "/dashboard/notices"),
            Visit("second looks", "/second-look", "/second-look"),
            Visit(
                "second look", "/second-look/{look_id}", f"/second-look/{look}", act=hands.opens_everything
            ),
            Visit("agreement", "/second-look/agreement", "/second-look/agreement"),
            Visit("golden cases", "/second-look/golden", "/second-look/golden"),
            Visit("dashboard", "/dashboard", "/dashboard", act=hands.opens_everything),
            Visit("shadow runs", "/dashboard/shadow", "/dashboard/shadow"),
            Visit("shadow run", "/dashboard/shadow/{name}", f"/dashboard/shadow/{shadow}"),
            Visit("keys", "/keys", "/keys", ADMIN),
            Visit("webhooks", "/webhooks", "/webhooks", act=hands.opens_everything),
            Visit("users", "/users", "/users", ADMIN, hands.opens_everything),
            Visit("set a password", "/password/{token}", f"/password/{link.token}", None),
            Visit("worthless link", "/password/{token}", "/password/x", None, status=404),
            Visit("account", "/account", "/account"),
            Visit("recovery codes", "/account", "/login?next=/account", None, hands.renews_the_codes),
        ]
    )


@pytest.fixture
def tour(page: Any, address: str, scene: Scene, password: str) -> Callable[..., Iterator[tuple[Visit, Any]]]:
    """Goes through all visits in windows of a width, with one tab for each person."""

    def log_in(tab: Any, name: str) -> None:
        tab.goto(f"{address}/login")
        tab.fill("input[name=name]", name)
        tab.fill("input[name=password]", password)
        tab.click("button.primary")
        tab.wait_for_load_state()

    def walk(
        width: int = 1366, watch: Callable[[Any], None] = lambda tab: None
    ) -> Iterator[tuple[Visit, Any]]:
        size = {"width": width, "height": 900}
        # A new window takes the browser a second, and a new tab a process.
        tabs: dict[str, Any] = {}
        for visit in scene.visits:
            who = visit.who or ""
            if who not in tabs:
                window = page.context.browser.new_context(
                    viewport=size, locale="th-TH", reduced_motion="reduce"
                )
                tabs[who] = window.new_page()
                tabs[who].set_default_timeout(120_000 if ALL else 30_000)
                if visit.who is not None:
                    log_in(tabs[who], visit.who)
                watch(tabs[who])
            tab = tabs[who]
            if visit.who is None:
                tab.context.clear_cookies()
            if tab.viewport_size != size:
                tab.set_viewport_size(size)
            tab.goto(f"{address}{visit.address}")
            if visit.act is not None:
                visit.act(tab)
            yield visit, tab
            tab.evaluate("sessionStorage.clear()")  # the row that was opened last
        for tab in tabs.values():
            tab.context.close()

    return walk
