"""An office with something on every page, and the way to each page that a person can open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from crawler.evidence import EvidenceFile, Exchange
from labels.schema import Contact, ContactKind, Finding, LicenceCheck, LicenceKind, Listing, NumberShape
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.campaigns.grouping import group
from service.complaints.intake import filing_of
from service.indexing import index_all
from service.settings import Settings
from service.store.blind_tables import BlindTask
from service.store.complaint_tables import Agency
from service.store.dealing import Odds
from service.store.holds import Holder
from service.store.models import Referral, Role, Scope
from service.store.referral_steps import Step
from service.store.referral_tables import Channel, Recipient, ReferralStatus
from service.store.reviews import Consequences, Decision

DISEASE = "รักษาเบาหวานให้หายขาดใน 7 วัน"
BENEFIT = "บำรุงร่างกายทุกวัน"
NUMBER, LINE = "10-1-00000-5-0000", "@tuayang"
LEAD, ADMIN, REVIEWER, SECURED = "mali", "ton", "nok", "dao"
LONG = 200_000


@dataclass(frozen=True)
class Visit:
    """A page: the route that serves it, an address of it, who looks, and what they do there first."""

    name: str
    route: str
    address: str
    who: str | None = LEAD
    act: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Scene:
    """The visits in their order."""

    visits: list[Visit]


@pytest.fixture
def taint() -> str:
    """What stands in every text that somebody outside, or a colleague, can write; a test may make it hostile."""
    return ""


@dataclass(frozen=True)
class Maker:
    """Fills the office."""

    office: Any
    settings: Settings
    password: str
    taint: str
    assess: Callable[..., Any]
    claim_in: Callable[..., Any]

    def listing(self, name: str, **more: Any) -> Listing:
        words = f"{DISEASE} {self.taint} {BENEFIT} เลข อย. {NUMBER} ทักไลน์ {LINE} ร้านขายของดีประจำอำเภอ ส่งฟรีทั่วประเทศ"
        fields: dict[str, Any] = {
            "title": f"แคปซูลใบรุ่งเรือง {self.taint}",
            "description": words,
            "platform": Platform.MARKETPLACE,
            "url": f"https://shop.example/{name}",
            "price": f"590 {self.taint}",
            "currency": "THB",
            "seller": f"ร้านใบรุ่งเรือง {self.taint}",
            "seller_url": f"https://shop.example/seller/{self.taint}",
            "images": [f"https://shop.example/{self.taint}.jpg", self.taint or "https://shop.example/2.jpg"],
            "captured_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        }
        return Listing(id=name, **fields | more)

    def add(self, name: str, captures: Any = None, **more: Any) -> int:
        listing = self.listing(name, **more)
        text = listing.text

        def at(words: str) -> dict[str, int]:
            return {"start": text.index(words), "end": text.index(words) + len(words)}

        claims = [
            self.claim_in(text, DISEASE, ClaimLabel.DISEASE, 0.97),
            self.claim_in(text, text[text.index("หายขาด") :][:40], ClaimLabel.ABSOLUTE, 0.9),
            self.claim_in(text, BENEFIT, ClaimLabel.BENEFIT, 0.7),
        ]
        finding = Finding(
            code="prohibited-claim",
            thai=f"ข้อความอวดอ้างรักษาโรค {self.taint}",
            english=f"Disease claims may not stand in an ad. {self.taint}",
            law=claims[0].law,
        )
        number: int = self.office.add(
            listing,
            self.assess(
                listing,
                claims,
                Verdict.PROHIBITED,
                0.96,
                contacts=[
                    Contact(**at(LINE), kind=ContactKind.LINE_ID, value=f"@tuayang{self.taint}"),
                ],
                licences=[
                    LicenceCheck(
                        **at(NUMBER),
                        kind=LicenceKind.FOOD_SERIAL,
                        number=NUMBER,
                        shape=NumberShape.VALID,
                        reason=f"ไม่ได้ตรวจ {self.taint}",
                    )
                ],
                findings=[finding],
            ),
            captures,
        )
        return number

    def decide(self, number: int, who: str, decision: Verdict = Verdict.PROHIBITED, **more: Any) -> Any:
        fields: dict[str, Any] = {"confirmed": [0, 1], "note": f"อวดอ้างชัดเจน {self.taint}"} | more
        return self.office.store.reviews.record_review(
            self.office.store.listing(number).assessment_id, self.id_of(who), decision, **fields
        )

    def id_of(self, name: str) -> int:
        found: int = self.office.store.users.find(name).id
        return found

    def people(self) -> list[str]:
        """The accounts; gives the recovery codes of the one with a second factor."""
        users = self.office.store.users
        users.create(LEAD, self.password, f"มะลิ หัวหน้างาน {self.taint[:60]}", role=Role.LEAD)
        users.create(ADMIN, self.password, "ต้น ผู้ดูแลระบบ", role=Role.ADMIN)
        users.create(SECURED, self.password, "ดาว ผู้พิจารณา", role=Role.REVIEWER)
        secret = pyotp.random_base32()
        earlier = pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=30))
        codes: list[str] = self.office.store.second_factors.enable(
            self.id_of(SECURED), secret, earlier, self.settings.totp_seal(), "cli"
        )
        keys = self.office.store.api_keys
        keys.create("ระบบแพลตฟอร์มตัวอย่าง", [Scope.CLASSIFY])
        keys.rotate("ระบบแพลตฟอร์มตัวอย่าง", timedelta(days=1), "cli")
        keys.create("ระบบเดิม", [Scope.CLASSIFY])
        keys.revoke("ระบบเดิม")
        return codes

    def disagreement(self) -> int:
        """A case that two read differently; gives the number of the second look."""
        store, number = (
            self.office.store,
            self.add("apart", description=f"{self.listing('x').description} คนละสูตร"),
        )
        self.decide(number, "lek", consequences=Consequences(referrals=frozenset({Referral.PROVINCE})))
        assert store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
        (reader,) = (row.id for row in store.users.all() if number in store.blinds.of(row.id))
        made = Decision(Verdict.CLEAR, (), (0, 1), (), None, Consequences(), f"ไม่ใช่โฆษณา {self.taint}")
        store.readings.record(reader, store.listing(number).assessment_id, made, 0)
        (found,) = store.second_looks.disagreements()
        look: int = found.look.id
        return look

    def complaints(self) -> None:
        file = self.office.store.complaints.file
        people = {"contact_name": f"ผู้ร้อง {self.taint[:100]}", "contact": f"080-000-1234 {self.taint[:100]}"}
        said = {
            "detail": f"เห็นโฆษณาอวดอ้าง {self.taint}",
            "title": f"แคปซูล {self.taint[:150]}",
            "seller": f"ร้าน {self.taint[:150]}",
        }
        advertised = self.listing("x").description
        file(
            filing_of(
                {"category": "health_ad", "url": "https://shop.example/decided", "advertised": advertised}
                | said
                | people
            ),
            "form",
            "form",
        )
        file(filing_of({"category": "late"} | said), "form", "form")
        self.office.store.complaint_exports.make(Agency.ETDA, f"reviewer:{LEAD}")
        file(filing_of({"category": "not_delivered"} | said), "form", "form")

    def alert(self, number: int) -> int:
        row = self.office.store.alerts.publish(
            self.office.store.reviews.history(number)[0].review.id,
            self.id_of(LEAD),
            "ปต",
            ProductClass.FOOD_SUPPLEMENT,
            f"เตือนประชาชน: โฆษณาแคปซูลตัวอย่าง {self.taint[:150]}",
            f"อย่าหลงเชื่อ {self.taint}\n- อ้างว่ารักษาโรค {self.taint}",
        )
        found: int = row.id
        return found

    def correct(self, alert: int) -> None:
        text = f"อย่าหลงเชื่อ {self.taint}\n- อ้างว่ารักษาโรคเบาหวาน {self.taint}"
        self.office.store.alert_corrections.correct(
            alert, self.id_of(LEAD), f"เตือนประชาชน: แก้ไข {self.taint[:150]}", text, f"ระบุโรค {self.taint}", 0
        )

    def lapse(self, name: str) -> None:
        """A second look that its reader opened and left."""
        store, number = (
            self.office.store,
            self.add(name, description=f"{self.listing('x').description} สูตรสาม"),
        )
        drawn = f"look:{self.decide(number, REVIEWER).id}"
        store.deals.deal(Odds(0.5, 0.0, lambda name: 0.0 if name == drawn else 0.9))
        with store.database.writing() as session:
            task = session.query(BlindTask).filter_by(listing_id=number).one()
            task.since = task.until = datetime.now(UTC) - timedelta(days=5)
        store.deals.deal(Odds(0.0, 0.0, lambda name: 0.5))

    def referral(self, number: int, recipient: Recipient, *steps: ReferralStatus) -> int:
        store = self.office.store
        review = store.reviews.history(number)[0].review.id
        row = store.referrals.create(review, self.id_of(LEAD), recipient, "รท")
        for status in steps:
            sent = status is ReferralStatus.SENT
            step = Step(
                status,
                datetime.now(UTC),
                Channel.POST if sent else None,
                f"ที่อยู่ผู้รับ {self.taint[:100]}" if sent else "",
                f"เลขรับ {self.taint[:100]}",
                f"บันทึก {self.taint[:500]}",
            )
            store.referrals.record(row.id, self.id_of(LEAD), step)
        found: int = row.id
        return found


@dataclass(frozen=True)
class Hands:
    """What people do on a page before it is looked at."""

    password: str
    codes: list[str]

    def logs_in(self, page: Any, name: str, word: str) -> None:
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", word)
        page.click("button.primary")
        page.wait_for_load_state()

    def asks_for_a_code(self, page: Any) -> None:
        self.logs_in(page, SECURED, self.password)
        page.wait_for_url("**/login/code**")

    def gives_a_code(self, page: Any) -> None:
        self.asks_for_a_code(page)
        page.fill("input[name=code]", self.codes.pop())
        page.click("button.primary")
        page.wait_for_url("**/account")

    def renews_the_codes(self, page: Any) -> None:
        self.gives_a_code(page)
        page.fill("input[name=password]", self.password)
        page.fill("input[name=code]", self.codes.pop())
        page.click("button:has-text('ชุดใหม่')")
        page.wait_for_load_state()

    def opens_everything(self, page: Any) -> None:
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")

    def asks_for_help(self, page: Any) -> None:
        page.keyboard.press("Shift+?")

    def complains_badly(self, page: Any) -> None:
        page.select_option("#field-category", "health_ad")
        page.fill("#field-detail", " ")
        page.click("button.primary")
        page.wait_for_selector("#faults")

    def previews(self, page: Any) -> None:
        page.locator('label:has(input[name="claim-1"][value="confirm"])').click()
        page.click(f'button[value="{Verdict.PROHIBITED}"]')
        page.wait_for_selector("#bulk")
        self.opens_everything(page)

    def adds_words(self, page: Any) -> None:
        self.opens_everything(page)
        page.fill("#words", BENEFIT)
        page.select_option("#words-label", ClaimLabel.ABSOLUTE)
        page.click("button[name=add]")
        page.wait_for_load_state()

    def types_what_is_personal(self, page: Any) -> None:
        page.fill("textarea[name=text]", "นายสมชาย ใจดี เป็นผู้ขาย โทร 080-000-1234")
        page.click('button[value="publish"]')
        page.wait_for_selector("#draft-found")

    def previews_words(self, page: Any) -> None:
        page.fill("textarea[name=what]", "แก้ไขชื่อโรค")
        page.fill("textarea[name=text]", "อย่าหลงเชื่อ\n- อ้างว่ารักษาโรคความดัน")
        page.click('button[value="check"]')
        page.wait_for_selector("#changes-title")


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
    with EvidenceFile(settings.evidence, {"software": "test"}) as file:
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
    alerts = (make.alert(decided), make.alert(withdrawn))
    make.correct(alerts[0])
    store.alerts.withdraw(alerts[1], make.id_of(LEAD), f"ตรวจสอบใหม่แล้ว {taint[:200]}")
    referral = make.referral(decided, Recipient.CONSUMER_POLICE)
    answered = make.referral(decided, Recipient.PLATFORM, ReferralStatus.SENT, ReferralStatus.ACTED)
    open_case, held = make.add("open"), make.add("held")
    store.claims.open(held, store.users.find("lek"), timedelta(hours=1))
    filler = "แคปซูลสมุนไพรบำรุงร่างกายให้สดชื่นทุกวัน ราคาพิเศษ\n"
    text = make.listing("x").description
    long = make.add("long", description=text + "\n" + filler * ((LONG - len(text)) // len(filler)))
    group(store)
    campaign = store.campaigns.of(open_case).id
    make.complaints()
    lead = store.users.find(LEAD)
    store.views.save(lead, f"ผิดชัดเจน {taint[:80]}", "verdict=prohibited", shared=True)
    store.views.save(lead, "ของฉัน", "state=waiting")
    index_all(store)
    shadow = keep_shadow_run()
    year = store.alerts.get(alerts[0]).year

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
            Visit("no provider", "/login/oidc", "/login/oidc", None),
            Visit("second factor", "/login/code", "/login", None, hands.asks_for_a_code),
            Visit(
                "account with a second factor", "/account", "/login?next=/account", None, hands.gives_a_code
            ),
            Visit("form for complaints", "/complain", "/complain", None),
            Visit("form with an error", "/complain", "/complain", None, hands.complains_badly),
            Visit("thanks", "/complain/thanks/{year}/{serial}", f"/complain/thanks/{year}/1", None),
            Visit("public alerts", "/alerts", "/alerts?class=food_supplement", None),
            Visit("public alert", "/alerts/{number:path}", f"/alerts/0001-{year}", None),
            Visit("withdrawn public alert", "/alerts/{number:path}", f"/alerts/0002-{year}", None),
            Visit("no such alert", "/alerts/{number:path}", f"/alerts/0999-{year}", None),
            Visit("queue", "/queue", "/queue?view=all", act=hands.opens_everything),
            Visit(
                "queue of a search",
                "/queue",
                "/queue?q=แคปซูล&state=waiting&sort=newest",
                act=hands.opens_everything,
            ),
            Visit("empty queue", "/queue", "/queue?q=ไม่มีคำนี้&class=drug&from=2026-11-02&to=2026-11-01"),
            Visit("shortcuts", "/queue", "/queue", act=hands.asks_for_help),
            Visit("case", case, f"{case.format(listing_id=open_case)}?seller=1", act=hands.adds_words),
            Visit("decided case", case, f"/cases/{decided}?seller=1", act=hands.opens_everything),
            Visit("held case", case, f"/cases/{held}"),
            Visit("unread case", case, f"/cases/{filled.ids['unread']}"),
            Visit("long case", case, f"/cases/{long}"),
            Visit("no such case", case, "/cases/999999"),
            Visit("stored page", stored, f"/cases/{decided}/evidence/{evidence.id}"),
            Visit("campaigns", "/campaigns", "/campaigns"),
            Visit("campaign", one_campaign, f"/campaigns/{campaign}", act=hands.opens_everything),
            Visit(
                "preview", one_campaign, f"/campaigns/{campaign}?reference={open_case}", act=hands.previews
            ),
            Visit("referrals", "/referrals", "/referrals"),
            Visit("referral", one_referral, f"/referrals/{referral}"),
            Visit("answered referral", one_referral, f"/referrals/{answered}"),
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
            Visit("account", "/account", "/account"),
            Visit("recovery codes", "/account", "/login?next=/account", None, hands.renews_the_codes),
        ]
    )


@pytest.fixture
def tour(page: Any, address: str, scene: Scene, password: str) -> Callable[..., Iterator[tuple[Visit, Any]]]:
    """Goes through all visits in a window of a width, each visit in a tab that is closed after it."""

    def walk(
        width: int = 1366, watch: Callable[[Any], None] = lambda tab: None
    ) -> Iterator[tuple[Visit, Any]]:
        def context() -> Any:
            return page.context.browser.new_context(
                viewport={"width": width, "height": 900}, locale="th-TH", reduced_motion="reduce"
            )

        contexts: dict[str, Any] = {}
        for visit in scene.visits:
            # A visitor comes without cookies each time.
            inside = context() if visit.who is None else contexts.get(visit.who)
            if inside is None:
                inside = contexts[visit.who or ""] = context()
                first = inside.new_page()
                first.goto(f"{address}/login")
                first.fill("input[name=name]", visit.who)
                first.fill("input[name=password]", password)
                first.click("button.primary")
                first.wait_for_load_state()
                first.close()
            tab = inside.new_page()
            tab.set_default_timeout(30_000)
            watch(tab)
            tab.goto(f"{address}{visit.address}")
            if visit.act is not None:
                visit.act(tab)
            yield visit, tab
            tab.close()
            if visit.who is None:
                inside.close()
        for kept in contexts.values():
            kept.close()

    return walk
