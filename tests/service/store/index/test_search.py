"""Full-text search on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import text, update

from labels.schema import Assessment, Listing
from labels.taxonomy import ProductClass, Verdict
from service.running.indexing import index_all, index_some
from service.store import Store
from service.store.index import search as search_module
from service.store.index.entries import URGENCY, CaseState
from service.store.index.finding import QueueFilter
from service.store.index.pages import Order
from service.store.index.queue_counts import Counted
from service.store.index.search import Lexemes, SearchQuery, Unindexed, tsvector
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing as Row
from service.text.search_words import VERSION, lexemes_of, query_of
from tests.helpers.every import every

TEXTS = {
    "plain": ("แคปซูลสมุนไพร", "ช่วยรักษาเบาหวานให้หายขาด"),
    "tricked": ("สมุนไพรลับ", "ร.ั.ก.ษ.า เบาหวาน สั่งเลย"),
    "compound": (None, "คนเป็นโรคเบาหวานกินได้ไหม"),
    "apart": ("ของหวาน", "เบาหวานหาย กินแล้วรักษา"),
    "number": ("ครีม Omega-3", "อย. 10-1-00000-5-0000 สบู่ฟรี"),
}


FOUND: list[tuple[str, set[str]]] = [
    ("รักษาเบาหวาน", {"plain", "tricked", "apart"}),
    ('"รักษาเบาหวาน"', {"plain", "tricked"}),
    ("เบาหวาน", {"plain", "tricked", "compound", "apart"}),
    ("โรคเบาหวาน", {"compound"}),
    ("ร.ั.ก.ษ.า", {"plain", "tricked", "apart"}),
    ("เบาหวาน -หายขาด", {"tricked", "compound", "apart"}),
    ('เบาหวาน -"รักษาเบาหวาน"', {"compound", "apart"}),
    ("-เบาหวาน", {"number"}),
    ("-เบาหวาน -ฟรี", set()),
    ("10-1-00000-5-0000", {"number"}),
    ("0000-5", set()),
    ("OMEGA 3", {"number"}),
    ("ร้านplain", {"plain"}),
    ("plain.example", {"plain"}),
    ('"สมุนไพรช่วย"', set()),
    ("เบาหวาน ไม่มีคำนี้แน่", set()),
    ("%%%", set()),
    ("", set(TEXTS)),
    ("' OR 1=1 --", set()),
    ('parts : "x" NEAR', set()),
]


@pytest.fixture
def numbers(store: Store) -> dict[int, str]:
    found = {}
    for name, (title, description) in TEXTS.items():
        listing = Listing(
            id=name,
            title=title,
            description=description,
            seller=f"ร้าน{name}",
            url=f"https://{name}.example/p",
        )
        number = store.deposit(listing).listing_id
        assessment = Assessment(
            id=name,
            verdict=Verdict.CLEAR,
            risk=0.5,
            product_class=ProductClass.FOOD,
            product_class_probability=0.5,
            offer=True,
            offer_probability=0.5,
            model="m",
        )
        store.assessments.record(number, assessment)
        found[number] = name
    assert index_all(store) == len(TEXTS)
    return found


def found(store: Store, numbers: dict[int, str], query: str, unread: bool = False) -> set[str]:
    page = store.find.page(QueueFilter(search=query_of(query)), limit=50)
    queue = store.reviews.queue(QueueFilter(search=query_of(query)))
    names = {numbers[row.id] for row in page.rows}
    assert unread or {numbers[row.listing.id] for row in queue.rows} == names
    return names


@pytest.mark.parametrize("few", [search_module.FEW, 0], ids=["named", "walked"])
def test_what_is_found(
    store: Store, numbers: dict[int, str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "FEW", few)

    def check(query: str, names: set[str]) -> None:
        assert found(store, numbers, query) == names

    every(FOUND, check)


def test_a_search_is_counted_and_narrowed(store: Store, numbers: dict[int, str]) -> None:
    wanted = QueueFilter(search=query_of("เบาหวาน"))
    assert store.reviews.counts(wanted).of(Verdict.CLEAR) == Counted(4)
    assert store.reviews.how_many(replace(wanted, verdict=Verdict.PROHIBITED)) == Counted(0)
    page = store.find.page(wanted, Order.NEWEST, limit=3)
    rest = store.find.page(wanted, Order.NEWEST, page.next_cursor, limit=3)
    assert [numbers[row.id] for row in page.rows + rest.rows] == ["apart", "compound", "tricked", "plain"]


def test_many_hits_are_counted_by_the_first(
    store: Store, numbers: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "FEW", 2)
    wanted = QueueFilter(search=query_of("เบาหวาน"))
    assert store.reviews.counts(wanted).of() == Counted(3, True)
    assert store.reviews.counts(replace(wanted, seller="ร้านplain")).of() == Counted(1)
    # Decided cases are hits too.
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(urgency=URGENCY[CaseState.DECIDED]))
    counts = store.reviews.counts(wanted)
    assert (counts.of(state=CaseState.DECIDED), counts.of()) == (Counted(3, True), Counted(3, True))


def test_a_changed_text_is_forgotten_at_once_and_indexed_anew(store: Store, numbers: dict[int, str]) -> None:
    store.deposit(Listing(id="plain", title="หมอน", description="นุ่มมาก"))
    assert found(store, numbers, "หายขาด", unread=True) == set()
    assert [item.title for item in store.search.unindexed(VERSION)] == ["หมอน"]
    assert index_some(store) == 1
    assert found(store, numbers, "หมอน", unread=True) == {"plain"}
    assert index_some(store) == 0


def test_whoever_changes_or_deletes_a_row_empties_the_index(store: Store, numbers: dict[int, str]) -> None:
    by_name = {name: number for number, name in numbers.items()}
    with store.database.writing() as session:
        session.execute(update(Row).where(Row.id == by_name["plain"]).values(description=""))
        session.execute(text("DELETE FROM assessment WHERE listing_id = :id"), {"id": by_name["number"]})
        session.execute(text("DELETE FROM listing WHERE id = :id"), {"id": by_name["number"]})
    with store.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM listing_search")) == 3
        assert session.scalar(text("SELECT count(*) FROM queue_entry")) == 4
    assert found(store, numbers, "หายขาด") == set()


def test_depositing_the_same_again_indexes_nothing(store: Store, numbers: dict[int, str]) -> None:
    title, description = TEXTS["plain"]
    store.deposit(Listing(id="plain", title=title, description=description, price="10"))
    assert store.search.unindexed(VERSION) == []


def test_what_changed_while_it_was_read_waits(store: Store) -> None:
    store.deposit(Listing(id="1", description="ก่อน"))
    (read,) = store.search.unindexed(VERSION)
    store.deposit(Listing(id="1", description="หลัง"))
    assert store.search.put(VERSION, [(read, lexemes_of(read))]) == 0
    assert store.search.waiting(VERSION) == 1


def test_another_version_indexes_everything_again(store: Store, numbers: dict[int, str]) -> None:
    for version in ("0 older", "2 newer"):
        assert store.search.waiting(version) == len(TEXTS)
        assert store.search.waiting(version, 2) == 2
        assert len(store.search.unindexed(version, 3)) == 3
    assert store.search.forget_all() == len(TEXTS)
    assert index_all(store, batch=2) == len(TEXTS)
    assert found(store, numbers, "โรคเบาหวาน") == {"compound"}


def test_hostile_texts_are_bounded(store: Store) -> None:
    words = tuple(f"{n:060d}" for n in range(30_000))
    store.deposit(Listing(id="1", description="x"))
    (item,) = store.search.unindexed(VERSION)
    assert store.search.put(VERSION, [(item, Lexemes(words, frozenset(f"w{word}" for word in words)))]) == 1
    wanted = QueueFilter(search=SearchQuery("x", query_of("0" * 60).wanted))
    assert len(store.find.page(wanted).rows) == 1


def test_a_tsvector_is_quoted() -> None:
    assert tsvector(["a'b", "c\\d", "a'b"], ["e"]) == "'a''b':1,3 'c\\\\d':2 'e'"


def test_a_listing_that_cannot_be_cut_stops_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(item: Unindexed) -> Lexemes:
        if item.description == "bad":
            raise ValueError
        return lexemes_of(item)

    monkeypatch.setattr("service.running.indexing.lexemes_of", fails)
    for name in ("bad", "good"):
        store.deposit(Listing(id=name, description=name))
    assert index_all(store) == 2
    assert [row.external_id for row in store.find.page(QueueFilter(search=query_of("good"))).rows] == ["good"]
