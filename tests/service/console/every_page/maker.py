"""What fills an office: listings, decisions, complaints, alerts, referrals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

from labels.law.catalogue import law_ref, provisions
from labels.schema import Contact, ContactKind, Finding, LicenceCheck, LicenceKind, Listing, NumberShape
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.complaints.intake import filing_of
from service.settings import Settings
from service.store.appeals.tables import Appellant
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.reviews import Consequences, Decision
from service.store.database.columns import now
from service.store.database.encryption import Cipher
from service.store.platforms.deliveries import LATEST, DeliveryAttempt
from service.store.referrals.steps import Step, Wording
from service.store.second_look.dealing import Odds
from service.store.tables.api_tables import Scope
from service.store.tables.blind_tables import BlindTask
from service.store.tables.complaint_tables import Agency
from service.store.tables.core_tables import UNSURE, Referral, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from tests.helpers.stored import record_review

DISEASE = "รักษาเบาหวานให้หายขาดใน 7 วัน"
BENEFIT = "บำรุงร่างกายทุกวัน"
NUMBER, LINE = "10-1-00000-5-0000", "@tuayang"
SHOP = "ระบบร้านค้าตัวอย่าง"
LEAD, ADMIN, REVIEWER, SECURED = "mali", "ton", "nok", "dao"


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

    def add(self, name: str, captures: Any = None, source: str = "test", **more: Any) -> int:
        listing = self.listing(name, **more)
        text = listing.text

        def at(words: str) -> dict[str, int]:
            return {"start": text.index(words), "end": text.index(words) + len(words)}

        claims = [
            self.claim_in(text, DISEASE, ClaimLabel.DISEASE, 0.97),
            self.claim_in(text, text[text.index("หายขาด") :][:40], ClaimLabel.ABSOLUTE, 0.9),
            self.claim_in(text, BENEFIT, ClaimLabel.BENEFIT, 0.7),
        ]
        # The longest name of a law comes into its line too.
        longest = max(provisions(), key=lambda rule: len(rule.citation))
        claims[0] = claims[0].model_copy(update={"law": [*claims[0].law, law_ref(longest.id)]})
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
            source,
        )
        return number

    def decide(self, number: int, who: str, decision: Verdict = Verdict.PROHIBITED, **more: Any) -> Any:
        fields: dict[str, Any] = {"confirmed": [0, 1], "note": f"อวดอ้างชัดเจน {self.taint}"} | more
        return record_review(
            self.office.store,
            self.office.store.listing(number).assessment_id,
            self.id_of(who),
            decision,
            **fields,
        )

    def id_of(self, name: str) -> int:
        found: int = self.office.store.users.find(name).id
        return found

    def people(self) -> list[str]:
        """Make the accounts; returns the recovery codes of the one with a second factor."""
        users = self.office.store.users
        users.create(LEAD, self.password, f"มะลิ หัวหน้างาน {self.taint[:60]}", role=Role.LEAD)
        users.create(ADMIN, self.password, "ต้น ผู้ดูแลระบบ", role=Role.ADMIN)
        users.create(SECURED, self.password, "ดาว ผู้พิจารณา", role=Role.REVIEWER)
        secret = pyotp.random_base32()
        code = pyotp.TOTP(secret).now()
        codes: list[str] = self.office.store.second_factors.enable(
            self.id_of(SECURED), secret, code, self.settings.secret.totp_cipher(), "cli"
        )
        keys = self.office.store.api_keys
        keys.create("ระบบแพลตฟอร์มตัวอย่าง", [Scope.CLASSIFY])
        keys.rotate("ระบบแพลตฟอร์มตัวอย่าง", timedelta(days=1), "cli")
        keys.create("ระบบเดิม", [Scope.CLASSIFY])
        keys.revoke("ระบบเดิม")
        return codes

    def disagreement(self) -> int:
        """Make a case with two different readings; returns the number of the second look."""
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

    def contested(self, name: str) -> int:
        """Make a case with one answered appeal and another, against the later decision, that is open."""
        store, number = self.office.store, self.add(name, source=f"api:{SHOP}")
        key = store.api_keys.create(SHOP, [Scope.READ]).row
        for decision in (Verdict.PROHIBITED, Verdict.CLEAR, Verdict.PROHIBITED):
            self.decide(number, "lek" if decision is Verdict.CLEAR else REVIEWER, decision)
            if decision is Verdict.PROHIBITED:
                words = f"ได้รับอนุญาตแล้ว {self.taint}", f"ใบอนุญาตเลขที่ ฆอ. 1/2569 {self.taint}"
                store.appeals.file(number, key, Appellant.SELLER, *words)
        return number

    def webhooks(self) -> None:
        """A webhook that works, one that fails and one that was given up."""
        store, cipher = self.office.store, Cipher("x" * 32, "webhook")
        key = store.api_keys.create("ระบบรับแจ้ง", [Scope.READ]).row
        failed = DeliveryAttempt("notice-2", "notice.takedown", 503, f"answered 503 {self.taint[:300]}")
        for name, most in (("works", None), ("fails", timedelta(days=9)), ("given-up", timedelta(0))):
            row = store.webhooks.create(key, f"https://shop.example/{name}?{self.taint[:300]}", 0, cipher)
            done = DeliveryAttempt("notice-1", "notice.takedown", 204)
            store.deliveries.delivered(row.id, 0, 0, now(), done)
            if most is not None:
                store.deliveries.failed(row.id, failed, now(), LATEST, most)

    def complaints(self) -> tuple[str, str]:
        """File complaints; returns number and code of an answered one."""
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
        hurt = {
            "category": "not_delivered",
            "harm": "injury",
            "channel": "email",
            "contact": "a@person.example",
        }
        receipt = file(filing_of(hurt | said), "form", "form")
        handling, number = self.office.store.complaint_handling, receipt.complaint_id
        handling.take(number, LEAD, f"reviewer:{LEAD}")
        handling.link(2, number, f"reviewer:{LEAD}")
        handling.note(number, f"โทรแล้ว {self.taint}", f"reviewer:{LEAD}")
        handling.answer(number, f"เรียน ผู้ร้องเรียน {self.taint}", f"reviewer:{LEAD}")
        return receipt.number, receipt.code or ""

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

    def overturned(self, name: str) -> int:
        """A case that the lead decided and a reviewer decided otherwise; its number."""
        number = self.add(name, description=f"{self.listing('x').description} สูตรสี่")
        self.decide(number, LEAD)
        self.decide(number, REVIEWER, Verdict.CLEAR, confirmed=[], rejected=[0, 1])
        return number

    def asked(self, name: str) -> int:
        """A case that a reviewer left unsure with a question to the lead, who answered another one."""
        number = self.add(name, description=f"{self.listing('x').description} สูตรห้า")
        note = f"ต้องมีใบอนุญาตหรือไม่ {self.taint}"
        made = Decision(UNSURE, note=note, asked=self.id_of(LEAD))
        self.office.store.reviews.record(
            self.office.store.listing(number).assessment_id, self.id_of(REVIEWER), made
        )
        threads, users = self.office.store.threads, self.office.store.users
        threads.write(number, users.find(LEAD), f"ถามกลับ {self.taint}", self.id_of(REVIEWER))
        threads.write(number, users.find(REVIEWER), f"ตอบแล้ว {self.taint}", self.id_of(LEAD))
        return number

    def joint_referral(self, numbers: Sequence[int], recipient: Recipient) -> int:
        store = self.office.store
        reviews = [store.reviews.history(number)[0].review.id for number in numbers]
        found: int = store.referrals.create_joint(reviews, self.id_of(LEAD), recipient, "รท").id
        return found

    def downloaded_referral(self, number: int) -> int:
        """A draft of which a colleague downloaded other words, and an earlier release kept a hash alone."""
        store, found = self.office.store, self.referral(number, Recipient.REVENUE)
        row = store.referrals.get(found)
        others = Step(ReferralStatus.SENT, now(), pack_sha256="1" * 64, wording=Wording({}, {}))
        store.referrals.keep_download(row, others, f"reviewer:{LEAD}")
        store.audit.record(
            "cli", AuditAction.REFERRAL_DOWNLOAD, audit_names.referral(found), {"sha256": "2" * 64}
        )
        return found

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
