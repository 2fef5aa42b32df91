from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from labels.schema import Assessment, Capture, Listing
from labels.taxonomy import Verdict
from service.privacy.removal import delete_listings
from service.store import Store
from service.store.database.columns import now
from service.store.listings.recrawl import DAILY, FORGOTTEN, GONE, SELDOM, SOON
from service.store.listings.repository import Arrival
from service.store.listings.sightings import Absence
from service.store.pictures.repository import NewPicture
from service.store.tables.core_tables import Listing as Row
from service.store.tables.retention_tables import RemovedEvidence
from service.store.tables.sighting_tables import Outcome

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def page(number: int, at: datetime = AT, content_type: str = "text/html", status: int = 200) -> Capture:
    return Capture(
        url="https://shop.example/p", status=status, captured_at=at, sha256="a" * 64, warc_file="a.warc.gz",
        warc_record_id=f"<urn:uuid:{number}>", content_type=content_type,
    )  # fmt: skip


def listing(name: str = "p", description: str = "ยาหม่อง", **fields: object) -> Listing:
    values = {"id": name, "url": f"https://shop.example/{name}", "description": description, **fields}
    return Listing.model_validate(values)


def met(store: Store, number: int, at: datetime = AT, kept: bool = True, **fields: object) -> int:
    """Record a visit that found the listing; ``kept`` stores the page itself as evidence."""
    seen = page(number, at)
    return store.deposit(listing(**fields), [seen] if kept else [], "crawl", seen).listing_id  # type: ignore[arg-type]


def history(store: Store, number: int) -> list[tuple[str, int]]:
    return [(row.outcome, row.times) for row in store.sightings.of(number)]


def test_unchanged_visits_are_one_row(store: Store) -> None:
    number = met(store, 1)
    for day in range(1, 4):
        met(store, 1 + day, AT + timedelta(days=day), kept=False)
    assert history(store, number) == [("new", 1), ("unchanged", 3)]
    run = store.sightings.of(number)[-1]
    assert (run.first_at, run.at) == (AT + timedelta(days=1), AT + timedelta(days=3))
    assert run.warc_record_id == "<urn:uuid:4>"
    assert [x.warc_record_id for x in store.listings.captures(number)] == ["<urn:uuid:1>"]


def test_changes_are_kept_with_what_was_there_before(store: Store) -> None:
    number = met(store, 1, price="300", seller="ร้านเดิม", images=["https://shop.example/1.jpg"])
    met(store, 2, price="350", seller="ร้านใหม่", images=["https://shop.example/1.jpg"])
    met(store, 3, description="ยาหม่องสูตรใหม่")
    first, second, third = store.sightings.of(number)
    assert (first.outcome, first.changes) == ("new", {})
    assert (second.outcome, second.changes) == (
        "changed",
        {
            "price": ["300", "350"],
            "seller": ["ร้านเดิม", "ร้านใหม่"],
        },
    )
    assert (third.outcome, third.changes, third.version) == ("changed", {"text": None}, 2)
    assert [version.text for version in store.listings.versions(number)] == ["ยาหม่อง"]


def test_a_version_keeps_the_price_and_pictures_with_which_it_was_first_seen(store: Store) -> None:
    shots = [f"https://shop.example/{n}.jpg" for n in range(5)]
    number = met(store, 1, seller="นาย ก", price="590", images=[shots[1]])
    met(store, 2, seller="นาย ข", price="590.00", images=[shots[2]])
    met(store, 3, price="650", images=[shots[2]], seller_url="https://shop.example/b")
    met(store, 4, description="ยาหม่องสูตรใหม่", seller="นาย ค", price="700", images=[shots[3]])
    met(store, 5, description="ยาหม่องสูตรใหม่", price="750", images=[shots[4]])
    met(store, 6, description="ยาดม")
    changes = [x.changes for x in store.sightings.of(number)]
    assert changes[1] == {"seller": ["นาย ก", "นาย ข"], "images": [[shots[1]], [shots[2]]]}
    assert changes[2] == {"price": ["590", "650"], "seller_url": [None, "https://shop.example/b"]}
    assert changes[3]["seller"] == ["นาย ข", "นาย ค"]
    first, second = store.listings.versions(number)
    assert (first.price, first.images) == ("590", [shots[1]])
    assert (second.price, second.images) == ("700", [shots[3]])


def test_a_price_in_other_digits_is_no_change(store: Store) -> None:
    number = met(store, 1, price="590")
    for n, written in enumerate(("590.00", "๕๙๐", "590.0"), 2):
        (kept,) = store.sightings.kept_pages([(listing(price=written), "crawl")])
        assert kept is not None
        met(store, n, price=written)
    assert history(store, number) == [("new", 1), ("unchanged", 3)]
    row = store.listings.get(number)
    assert row is not None
    assert row.price == "590"
    for n, written in enumerate(("590 บาท", "sNaN", "NaN", "591"), 5):
        met(store, n, price=written)
    found = [x.changes["price"] for x in store.sightings.of(number)[2:]]
    assert found == [["590", "590 บาท"], ["590 บาท", "sNaN"], ["sNaN", "NaN"], ["NaN", "591"]]


def test_what_a_version_had_not_shown_before_is_kept(store: Store) -> None:
    number = met(store, 1)
    met(store, 2, price="590")
    met(store, 3, description="ยาดม", price="650")
    (first,) = store.listings.versions(number)
    assert first.price == "590"


def test_other_text_changes_a_listing_only_by_what_does_not_move(store: Store) -> None:
    def visit(day: int, other: str, own: str = "ยาหม่อง", price: str = "12") -> int:
        extra = {"other_text": len(other), "offered": True} if other else {"offered": True}
        text = f"{own}\n{other}" if other else own
        again = listing(description=text, extra=extra, price=price)
        kept = store.sightings.kept_pages([(again, "crawl")])[0]
        seen = page(day, AT + timedelta(days=day))
        deposit = store.deposit(again, [] if kept else [seen], "crawl", seen)
        last = store.sightings.of(deposit.listing_id)[-1]
        assert (deposit.status == "changed") == ("text" in last.changes)
        return deposit.listing_id

    claim = "ทาแล้วหายปวดเข่าในคืนเดียว ขายแล้ว {} ขวด"
    number = visit(1, claim.format(10), price="10")
    visit(2, claim.format(11), price="10")
    assert history(store, number) == [("new", 1), ("unchanged", 1)]
    visit(3, claim.format(12))
    row = store.listings.get(number)
    assert row is not None
    # The text is that of the stored page.
    assert (row.version, row.price, row.description) == (1, "12", f"ยาหม่อง\n{claim.format(10)}")
    visit(4, f"{claim.format(12)}\nกินแทนยาเบาหวานได้เลย")
    visit(5, claim.format(12))
    visit(6, "")
    visit(7, "", own="ยาดม")
    changes = [(x.outcome, x.changes) for x in store.sightings.of(number)[2:]]
    text = ("changed", {"text": None})
    assert changes == [("changed", {"price": ["10", "12"]}), *[text] * 4]


def test_only_a_visit_keeps_earlier_other_text(store: Store) -> None:
    def shown(count: int) -> Listing:
        other = f"ทาแล้วหายปวดเข่า ขายแล้ว {count} ขวด"
        return listing(description=f"ยาหม่อง\n{other}", extra={"other_text": len(other)})

    number = store.deposit(shown(10), [page(1)], "crawl", page(1)).listing_id
    assert store.deposit(shown(11), source="crawl").status == "changed"
    with store.database.writing() as session:
        session.execute(
            update(Row).values(redacted_at=now(), description="ยาหม่อง\nทาแล้วหายปวดเข่า ขายแล้ว 9 ขวด")
        )
    store.deposit(shown(11), [page(2)], "crawl", page(2))
    row = store.listings.get(number)
    assert row is not None
    assert (row.description, row.redacted_at) == (shown(11).description, None)
    # A record without fields of its own has no other text either.
    store.deposit(listing(description="ยาหม่องสูตรใหม่ของร้านเรา ทาแล้วหายปวดเข่า"), source="crawl")
    row = store.listings.get(number)
    assert row is not None
    assert "other_text" not in row.extra


def test_a_deposit_that_is_no_visit_is_no_sighting(store: Store) -> None:
    number = store.deposit(listing(), source="api:shop").listing_id
    assert store.sightings.of(number) == []
    assert store.recrawl.due(at=AT + timedelta(days=999)) == []


def test_the_kept_page_is_found_while_nothing_differs(store: Store) -> None:
    assert store.sightings.kept_pages([(listing(), "crawl")]) == [None]
    met(store, 1, price="300")
    (kept,) = store.sightings.kept_pages([(listing(price="300"), "crawl")])
    assert kept is not None
    assert kept.warc_record_id == "<urn:uuid:1>"
    differing = [
        listing(price="301"),
        listing(description="อื่น"),
        listing().model_copy(update={"id": "other"}),
    ]
    asked = [(one, "crawl") for one in differing] + [(listing(), "elsewhere"), (listing(), "crawl")]
    # A price that is not shown is no change.
    assert store.sightings.kept_pages(asked) == [None, None, None, None, kept]


def test_stored_listings_are_found_without_titles_that_were_redacted(store: Store) -> None:
    met(store, 1, title="ชา")
    assert store.sightings.stored(["p", "other"], "elsewhere") == {}
    assert store.sightings.stored(["p", "other"], "crawl")["p"].title == "ชา"
    with store.database.writing() as session:
        session.execute(update(Row).values(redacted_at=now()))
    assert store.sightings.stored(["p"], "crawl")["p"].title is None


def test_a_page_without_evidence_of_its_present_text_is_stored_again(store: Store) -> None:
    met(store, 1)
    met(store, 2, kept=False, description="ใหม่")
    assert store.sightings.kept_pages([(listing(description="ใหม่"), "crawl")]) == [None]


def absent(store: Store, number: int, at: datetime, certain: bool = True) -> Outcome | None:
    return store.sightings.note_absence("p", "crawl", Absence("HTTP 404", certain), page(number, at, "", 404))


def test_gone_and_back(store: Store) -> None:
    number = met(store, 1)
    assert absent(store, 2, AT + timedelta(days=1)) is Outcome.GONE
    assert absent(store, 3, AT + timedelta(days=8)) is None
    met(store, 4, AT + timedelta(days=15), kept=False)
    assert history(store, number) == [("new", 1), ("gone", 2), ("back", 1)]
    gone = store.sightings.of(number)[1]
    assert (gone.how, gone.status, gone.first_at) == ("HTTP 404", 404, AT + timedelta(days=1))
    assert store.sightings.note_absence("q", "crawl", Absence("HTTP 404"), page(9)) is None


def test_an_older_page_changes_nothing_that_is_present(store: Store) -> None:
    number = met(store, 1, price="590")
    absent(store, 2, AT + timedelta(days=5))
    before = history(store, number)
    years = timedelta(days=700)
    assert met(store, 3, AT - years, description="ยาดม", price="1290", images=["https://shop.example/0.jpg"])
    assert met(store, 3, AT - years, description="ยาดม", price="1290") == number
    met(store, 4, AT - 2 * years, description="ยาลม")
    met(store, 5, AT + timedelta(days=1), price="650")
    assert absent(store, 6, AT - timedelta(days=1)) is None
    row = store.listings.get(number)
    assert row is not None
    assert (row.text, row.price, row.version) == ("ยาหม่อง", "590", 1)
    assert history(store, number) == before
    assert store.sightings.of(number)[-1].warc_record_id == "<urn:uuid:2>"
    oldest, older = store.listings.versions(number)
    assert (older.version, older.text, older.price, older.last_seen) == (0, "ยาดม", "1290", AT - years)
    assert older.images == ["https://shop.example/0.jpg"]
    assert (oldest.version, oldest.text) == (-1, "ยาลม")
    captures = store.listings.captures(number)
    assert [(x.warc_record_id[-2], x.version) for x in captures] == [("1", 1), ("3", 0), ("4", -1), ("5", 1)]


def test_an_older_page_of_the_present_text_is_not_the_kept_page(store: Store) -> None:
    number = met(store, 1, price="590")
    met(store, 2, AT - timedelta(days=9), price="990")
    (kept,) = store.sightings.kept_pages([(listing(price="590"), "crawl")])
    assert kept is not None
    assert kept.warc_record_id == "<urn:uuid:1>"
    assert store.listings.versions(number) == []


def test_an_older_page_leaves_the_pictures(store: Store) -> None:
    first, old = (NewPicture(x * 64, "image/jpeg", 9, 9, 9, f"https://shop.example/{x}.jpg") for x in "ab")
    seen, before = page(1), page(2, AT - timedelta(days=9))
    arrival = Arrival(listing(), [seen], "crawl", seen, [first], pictures_complete=True)
    older = Arrival(listing(), [before], "crawl", before, [old], pictures_complete=True)
    number = store.deposit_all([arrival, older])[0].listing_id
    assert [x.picture.sha256 for x in store.pictures.of_listing(number)] == ["a" * 64]


def test_an_older_page_brings_no_redacted_text_back(store: Store) -> None:
    number = met(store, 1, description="โทร 0812345678")
    with store.database.writing() as session:
        session.execute(update(Row).values(redacted_at=now(), description="โทร ██████████"))  # same digest
    met(store, 2, AT - timedelta(days=9), description="โทร 0812345678")
    met(store, 3, AT - timedelta(days=9), description="โทร 0898765432")
    row = store.listings.get(number)
    assert row is not None
    assert (row.description, store.listings.versions(number)) == ("โทร ██████████", [])


def test_the_record_of_an_older_page_of_a_redacted_listing_is_removed_with_it(store: Store) -> None:
    number = met(store, 1)
    with store.database.writing() as session:
        session.execute(update(Row).values(redacted_at=now(), url="https://shop.example/"))
    seen = page(2, AT - timedelta(days=9))
    view = seen.model_copy(update={"url": f"urn:view:{seen.url}", "warc_record_id": "<urn:uuid:3>"})
    store.deposit(listing(description="ยาดม"), [seen, view], "crawl", seen)
    added = [(x.url, x.version) for x in store.listings.captures(number)[1:]]
    assert added == [("https://shop.example/", 1), ("urn:view:https://shop.example/", 1)]
    with store.database.writing() as session:
        delete_listings(session, [number], "request", now())
        removed = session.scalars(select(RemovedEvidence.warc_record_id))
        assert set(removed) == {f"<urn:uuid:{record}>" for record in (1, 2, 3)}


def test_versions_of_older_pages_are_in_the_order_of_time(store: Store) -> None:
    number = met(store, 1)
    for day, text in enumerate(("ยาดม", "ยาลม", "ยาอม"), 2):
        met(store, day, AT - timedelta(days=10 - day), description=text)
    met(store, 9, description="ยาหอม")
    found = [(x.version, x.text) for x in store.listings.versions(number)]
    assert found == [(0, "ยาดม"), (-1, "ยาลม"), (-2, "ยาอม"), (1, "ยาหม่อง")]


def test_a_visit_is_the_newest_though_an_earlier_one_is_dated_in_the_future(store: Store) -> None:
    number = met(store, 1, now() + timedelta(days=300))
    met(store, 2, description="ยาดม")
    row = store.listings.get(number)
    assert row is not None
    assert row.text == "ยาดม"


def test_a_page_that_does_not_say_why_never_counts_as_gone(store: Store) -> None:
    number = met(store, 1)
    found = [absent(store, 2 + day, AT + timedelta(days=day), certain=False) for day in range(9)]
    assert set(found) == {Outcome.UNCLEAR}
    assert history(store, number) == [("new", 1), ("unclear", 9)]
    other = Absence("asks to log in", certain=False)
    later = page(20, AT + timedelta(days=9))
    assert store.sightings.note_absence("p", "crawl", other, later) is Outcome.UNCLEAR
    assert [row.how for row in store.sightings.of(number)] == ["", "HTTP 404", "asks to log in"]


def test_a_page_that_says_nothing_takes_no_evidence_from_one_that_did(store: Store) -> None:
    number = met(store, 1)
    absent(store, 2, AT + timedelta(days=1))
    assert absent(store, 3, AT + timedelta(days=8), certain=False) is None
    gone = store.sightings.of(number)[-1]
    assert (gone.outcome, gone.warc_record_id, gone.times) == ("gone", "<urn:uuid:2>", 1)
    assert gone.at == AT + timedelta(days=8)
    assert store.recrawl.due(at=AT + timedelta(days=9)) == []


def test_what_stays_unclear_is_looked_for_weekly_and_never_forgotten(store: Store) -> None:
    met(store, 1)
    for day in range(3):
        absent(store, 2 + day, AT + timedelta(days=day), certain=False)
        after = AT + timedelta(days=day + 3)
        assert bool(store.recrawl.due(at=after)) is (day < 2)  # not yet assessed: every three days
    assert len(store.recrawl.due(at=AT + timedelta(days=2) + GONE)) == 1
    assert len(store.recrawl.due(at=AT + FORGOTTEN + GONE)) == 1


def assessed(store: Store, number: int, verdict: Verdict, risk: float, assessor: object) -> None:
    row = store.listing(number)
    assert row is not None
    found: Assessment = assessor.assess(row.shape())  # type: ignore[attr-defined]
    store.assessments.record(number, found.model_copy(update={"verdict": verdict, "risk": risk}))


@pytest.mark.parametrize(
    ("verdict", "risk", "rhythm"),
    [
        (Verdict.PROHIBITED, 0.5, DAILY),
        (Verdict.CLEAR, 0.85, DAILY),
        (Verdict.NEEDS_PERMIT, 0.1, SOON),
        (Verdict.CLEAR, 0.5, SOON),
        (None, 0.0, SOON),
        (Verdict.CLEAR, 0.1, SELDOM),
    ],
)
def test_the_riskier_the_sooner(
    store: Store, assessor: object, verdict: Verdict | None, risk: float, rhythm: timedelta
) -> None:
    number = met(store, 1)
    if verdict is not None:
        assessed(store, number, verdict, risk, assessor)
    hours = timedelta(hours=3)
    assert store.recrawl.due(at=AT + rhythm - hours) == []
    (due,) = store.recrawl.due(at=AT + rhythm)
    assert (due.listing_id, due.external_id, due.url) == (number, "p", "https://shop.example/p")
    assert due.last_visit == AT


def test_the_most_pressing_come_first_and_api_answers_never(store: Store, assessor: object) -> None:
    for name in "ab":
        met(store, ord(name), name=name)
    assessed(store, 1, Verdict.CLEAR, 0.1, assessor)
    assessed(store, 2, Verdict.PROHIBITED, 0.9, assessor)
    answer = page(7, content_type="application/json")
    store.deposit(listing("c"), [answer], "crawl", answer)
    late = AT + timedelta(days=30)
    assert [x.external_id for x in store.recrawl.due(at=late)] == ["b", "a"]
    assert [x.external_id for x in store.recrawl.due(limit=1, at=late)] == ["b"]


def test_what_is_gone_is_looked_for_weekly_and_then_forgotten(store: Store) -> None:
    met(store, 1)
    absent(store, 2, AT)
    assert store.recrawl.due(at=AT + GONE - timedelta(hours=3)) == []
    assert len(store.recrawl.due(at=AT + GONE)) == 1
    assert store.recrawl.due(at=AT + FORGOTTEN + timedelta(hours=1)) == []


def test_takedown_time_runs_from_the_decision(store: Store, decide: Callable[..., int]) -> None:
    start = now() - timedelta(minutes=1)
    number = met(store, 1, start, description="รักษาเบาหวาน หายขาด")
    review = decide(store, "p", "prohibited", source="crawl")
    (up,) = store.recrawl.takedowns()
    assert (up.listing_id, up.review_id, up.gone_at, up.took, up.last_visit) == (
        number,
        review,
        None,
        None,
        start,
    )
    gone, back = now() + timedelta(days=2), now() + timedelta(days=5)
    absent(store, 2, gone)
    met(store, 3, back, kept=False, description="รักษาเบาหวาน หายขาด")
    (down,) = store.recrawl.takedowns(listing=number)
    assert store.recrawl.takedowns(listing=number + 1) == []
    assert (down.gone_at, down.back_at, down.last_visit) == (gone, back, back)
    assert down.took is not None
    assert timedelta(days=2) <= down.took < timedelta(days=2, minutes=5)
    assert store.recrawl.takedowns(since=now() + timedelta(hours=1)) == []
    decide(store, "p", "clear", source="crawl")
    assert store.recrawl.takedowns() == []


def test_a_page_that_was_gone_before_the_decision_was_not_taken_down_by_it(
    store: Store, decide: Callable[..., int]
) -> None:
    met(store, 1, now() - timedelta(days=2), description="รักษาเบาหวาน หายขาด")
    absent(store, 2, now() - timedelta(days=1))
    decide(store, "p", "prohibited", source="crawl")
    assert [x.gone_at for x in store.recrawl.takedowns()] == [None]


def test_a_decision_that_was_held_back_starts_no_clock(store: Store, decide: Callable[..., int]) -> None:
    decide(store, "p", "unsure", source="crawl")
    assert store.recrawl.takedowns() == []


def test_evidence_of_visits_is_relied_on_until_it_is_given_up(store: Store) -> None:
    number = met(store, 1)
    met(store, 2, kept=False)
    # Another file of which nothing is left, and one whose record happens to be called the same.
    elsewhere = page(2).model_copy(update={"warc_file": "b.warc.gz"})
    store.deposit(listing("q"), [elsewhere], "crawl", elsewhere)
    with store.database.writing() as session:
        session.add(
            RemovedEvidence(
                warc_file="0.warc.gz", warc_record_id="", sha256="a" * 64, rule="test", decided_at=AT
            )
        )
    assert store.captures.files() == ["a.warc.gz", "b.warc.gz"]
    found = [row.warc_record_id for row in store.captures.of_file("a.warc.gz")]
    assert found == ["<urn:uuid:1>", "<urn:uuid:1>", "<urn:uuid:2>"]
    with store.database.writing() as session:
        delete_listings(session, [number], "test", now())
    with store.database.reading() as session:
        gone = {row.warc_record_id for row in session.query(RemovedEvidence)}
    assert gone == {"", "<urn:uuid:1>", "<urn:uuid:2>"}
    assert store.sightings.of(number) == []
    assert list(store.captures.of_file("a.warc.gz")) == []
