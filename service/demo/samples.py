"""What the demo adds to the sample shop, so that no page is empty: posts, a decided case, complaints.

Every name, number and address is invented and says so.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

from labels.schema import Listing
from labels.taxonomy import Platform, ProductClass, Verdict
from service.alerts.draft import draft_of
from service.complaints.intake import filing_of
from service.decisions.reasons import notice_of
from service.referral.downloads import as_sent
from service.referral.letters.templates import Templates
from service.referral.pack import Packer
from service.store import Store
from service.store.accounts.users import generated_password
from service.store.cases.decisions import Decided
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.index.pages import Order
from service.store.referrals.steps import Step
from service.store.tables.core_tables import UNSURE, Reviewer, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus

SOURCE: Final = "sample-posts"
_LINE: Final = "@ruanyatuayang"
_POST: Final = (
    "เรือนยาตัวอย่าง สมุนไพรต้มสูตรคุณยาย รักษาเบาหวานให้หายขาด ความดันลดลงใน 7 วัน ไม่ต้องพึ่งยาหมอ"
    " ลูกค้ายืนยันแล้วทั่วประเทศ {} ทักไลน์ {} (โพสต์สมมติสำหรับสาธิต)"
)
_PLACES: Final = (
    (Platform.FACEBOOK, "https://facebook.example/ruanya/posts/1", "ส่งฟรีเก็บเงินปลายทาง"),
    (Platform.TIKTOK, "https://tiktok.example/@ruanya/video/2", "ไลฟ์ทุกคืนสองทุ่ม"),
    (Platform.LINE, "https://line.example/ruanya/3", "สั่งสามแถมหนึ่ง"),
    (Platform.INSTAGRAM, "https://instagram.example/ruanya/4", "แตะลิงก์หน้าโปรไฟล์"),
)


def add_posts(store: Store) -> None:
    """Deposit social posts of one invented seller: nearly the same words on several platforms."""
    for number, (platform, url, words) in enumerate(_PLACES, 1):
        post = Listing(
            id=f"post-{number}",
            title="เรือนยาตัวอย่าง สมุนไพรต้ม",
            description=_POST.format(words, _LINE),
            platform=platform,
            url=url,
            seller="เรือนยาตัวอย่าง (สมมติ)",
            captured_at=now(),
        )
        store.deposit(post, [], SOURCE)


def add_work(store: Store, evidence: Path, lead: Reviewer) -> None:
    """Decide a case with a letter, a request and a warning; file complaints; leave a question to the lead."""
    posts = [row for row in store.listings.page(limit=100, order=Order.NEWEST).rows if row.source == SOURCE]
    decided, asked = posts[0], posts[1]
    review = _decide(store, decided.id, lead)
    today = now()
    letter = store.referrals.create(review.review.id, lead.id, Recipient.PLATFORM, "รท")
    sent = Step(ReferralStatus.SENT, today, Channel.EMAIL, "ศูนย์รับแจ้งของแพลตฟอร์มตัวอย่าง (สมมติ)")
    made = Packer(store, evidence, Templates(None)).make(letter)
    store.referrals.record(letter.id, lead.id, as_sent(sent, made))
    store.seller_data.ask(decided.id, lead.id, "ตัวอย่าง 1/2569", today - timedelta(days=10))
    office = Templates(None).office.name
    draft = draft_of(notice_of(review, ""), decided.title, decided.description, decided.platform, office)
    title = f"(ตัวอย่าง) {draft.title}"
    store.alerts.publish(review.review.id, lead.id, "ปต", ProductClass.HERBAL, title, draft.text)
    helper = store.users.create("demo-helper", generated_password(), "ผู้ช่วยทดลอง (สมมติ)", Role.REVIEWER)
    if asked.assessment_id is not None:
        question = Decision(UNSURE, note="ต้องดูฉลากก่อนหรือไม่ (คำถามสมมติ)", asked=lead.id)
        store.reviews.record(asked.assessment_id, helper.id, question)
    for fields in (
        {
            "category": "health_ad",
            "title": decided.title,
            "url": decided.url,
            "advertised": decided.description,
            "detail": "เห็นโฆษณานี้ในกลุ่มหมู่บ้าน กลัวคนเฒ่าคนแก่หยุดยา (เรื่องสมมติ)",
            "harm": "illness",
        },
        {"category": "late", "seller": "ร้านตัวอย่าง (สมมติ)", "detail": "สั่งของแล้วได้รับช้ากว่าที่แจ้ง (เรื่องสมมติ)"},
    ):
        store.complaints.file(filing_of(fields), "form", "form")


def _decide(store: Store, listing_id: int, lead: Reviewer) -> Decided:
    listing = store.listing(listing_id)
    row = store.assessments.get(listing.assessment_id) if listing and listing.assessment_id else None
    assert listing is not None
    assert row is not None
    confirmed = tuple(range(len(row.shape().claims)))
    made = Decision(Verdict.PROHIBITED, confirmed, note="คดีตัวอย่างของการสาธิต")
    review = store.reviews.record(row.id, lead.id, made)
    return Decided(review, row, listing, None)
