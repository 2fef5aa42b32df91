"""The worker recognizes edited pictures of listings that were decided against, and decides nothing by them."""

import io
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from inference.pictures.errors import PictureError
from labels.schema import ContactKind, Listing
from labels.taxonomy import Verdict
from service.pictures.comparing import PictureComparing
from service.running import worker
from service.settings import Settings
from service.store import Store, open_store
from service.store.figures.relisting_figures import Sharing
from service.store.pictures.files import PictureFiles, read_header
from service.store.pictures.repository import NewPicture, Reading
from service.store.tables.campaign_tables import SellerContact
from tests.helpers.stored import add_pictures, known_pictures

pytest.importorskip("cv2")
comparers = pytest.importorskip("inference.pictures.likeness.comparer")

Compare = Callable[[Store], int]


def banner(seed: int) -> Image.Image:
    """Draw a banner with a pattern of its own."""
    chance = random.Random(seed)
    image = Image.new("RGB", (640, 480), (240, 230, 220))
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, side = chance.randrange(600), chance.randrange(440), chance.randint(8, 60)
        colour = tuple(chance.randrange(256) for _ in range(3))
        shape = draw.rectangle if chance.random() < 0.5 else draw.ellipse
        shape((x, y, x + side, y + side * chance.uniform(0.4, 1.2)), fill=colour)
    return image


def file_of(image: Image.Image, quality: int = 90) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def cropped_and_framed(image: Image.Image) -> Image.Image:
    width, height = image.size
    part = image.crop((width // 10, height // 12, width - width // 14, height - height // 9))
    return ImageOps.expand(part, 50, (200, 20, 20))


@pytest.fixture(scope="module")
def comparer() -> Iterator[Any]:
    found = comparers.PictureComparer(seconds=300)
    yield found
    found.close()


@pytest.fixture
def shop(settings: Settings) -> Iterator[Store]:
    with open_store(settings.database.url) as store:
        yield store


@pytest.fixture
def show(settings: Settings) -> Callable[..., str]:
    """Lets a listing show a picture, and name a contact."""

    def make(store: Store, listing: int, content: bytes, contact: str = "") -> str:
        digest = PictureFiles(settings.pictures.folder).put(content)
        add_pictures(store, listing, [NewPicture(digest, *read_header(content), len(content))])
        if contact:
            with store.database.writing() as session:
                session.add(SellerContact(listing_id=listing, kind=ContactKind.LINE_ID.value, value=contact))
        return digest

    return make


@pytest.fixture
def compare(settings: Settings, comparer: Any, assessor: Any) -> Compare:
    """Assesses what is waiting, compares all pictures, and returns how many."""

    def run(store: Store) -> int:
        worker.run(store, assessor, once=True)
        comparing, stop, count = PictureComparing(store, comparer, settings), threading.Event(), 0
        while comparing.step(stop):
            count += 1
        return count

    return run


def add(store: Store, name: str, text: str = "ครีมบำรุงผิว ส่งทุกวัน") -> int:
    return store.deposit(Listing(id=name, description=f"{text} {name}"), source="crawl").listing_id


def decided_listing(store: Store, decide: Callable[..., int]) -> int:
    review = store.reviews.get(decide(store, "decided", Verdict.PROHIBITED))
    assert review is not None
    return review.listing_id


def test_a_cropped_and_framed_picture_of_the_same_seller_is_found_and_decides_nothing(
    shop: Store, decide: Callable[..., int], show: Callable[..., str], compare: Compare
) -> None:
    decided = decided_listing(shop, decide)
    known = show(shop, decided, file_of(banner(1)), "@shop")
    new, other, stranger = add(shop, "new"), add(shop, "other"), add(shop, "stranger")
    edited = show(shop, new, file_of(cropped_and_framed(banner(1))), "@shop")
    show(shop, other, file_of(banner(2)), "@shop")
    show(shop, stranger, file_of(ImageOps.mirror(cropped_and_framed(banner(1)))))
    assert compare(shop) == 4
    assert compare(shop) == 0
    ((like, before),) = [pair for pair in shop.relistings.decided_before(new) if pair[1].id == decided]
    assert before.id == decided
    assert like.sharing == {Sharing.CONTACT, Sharing.LIKE_PICTURE}
    ((like, _),) = shop.relistings.decided_before(other)
    assert like.sharing == {Sharing.CONTACT}
    # A crop has another coarse hash: without a shared contact or words, nothing leads to it.
    assert shop.relistings.decided_before(stranger) == []
    assert {item.relisted_id for item, _ in shop.relistings.of(decided)} == {new, other}
    (row,) = shop.likeness.of(edited)
    assert (row.known_sha256, row.mirrored) == (known, False)
    assert row.corners >= 25
    assert shop.reviews.history(new) == []
    found = shop.listing(new)
    assert found is not None
    assert found.verdict == shop.listing(other).verdict  # type: ignore[union-attr]


def test_a_recompressed_and_mirrored_copy_is_found_by_its_coarse_hash_or_the_sellers_contact(
    shop: Store, decide: Callable[..., int], show: Callable[..., str], compare: Compare
) -> None:
    decided = decided_listing(shop, decide)
    show(shop, decided, file_of(banner(1)), "@shop")
    assert compare(shop) == 1
    copy, mirrored = add(shop, "copy"), add(shop, "mirrored")
    show(shop, copy, file_of(banner(1).resize((480, 360)), 40))
    show(shop, mirrored, file_of(ImageOps.mirror(banner(1))), "@shop")
    assert compare(shop) == 2
    ((like, _),) = shop.relistings.decided_before(copy)
    assert like.sharing == {Sharing.LIKE_PICTURE}
    ((like, _),) = shop.relistings.decided_before(mirrored)
    assert like.sharing == {Sharing.CONTACT, Sharing.LIKE_PICTURE}
    (shown,) = shop.pictures.of_listing(mirrored)
    assert shop.likeness.of(shown.picture.sha256)[0].mirrored


def test_a_picture_is_compared_again_after_it_was_read_anew(
    shop: Store, decide: Callable[..., int], show: Callable[..., str], compare: Compare
) -> None:
    decided = decided_listing(shop, decide)
    show(shop, decided, file_of(banner(1)), "@shop")
    new = add(shop, "new")
    edited = show(shop, new, file_of(cropped_and_framed(banner(1))))
    assert compare(shop) == 2
    assert shop.likeness.of(edited) == []
    with shop.database.writing() as session:
        session.add(SellerContact(listing_id=new, kind=ContactKind.LINE_ID.value, value="@shop"))
    shop.pictures.record_reading(edited, Reading("engine 2"))
    assert compare(shop) == 1
    assert len(shop.likeness.of(edited)) == 1


def test_files_that_are_missing_or_damaged_hold_nothing_back(
    shop: Store,
    settings: Settings,
    decide: Callable[..., int],
    show: Callable[..., str],
    compare: Compare,
) -> None:
    decided = decided_listing(shop, decide)
    gone = show(shop, decided, file_of(banner(1)), "@shop")
    PictureFiles(settings.pictures.folder).remove(gone)
    damaged = show(shop, add(shop, "damaged"), file_of(banner(3))[:2000], "@shop")
    last = show(shop, add(shop, "last"), file_of(banner(4)), "@shop")
    assert compare(shop) == 3
    assert [shop.likeness.of(name) for name in (damaged, last)] == [[], []]
    found = known_pictures(shop, [damaged, last])
    assert [picture.compared_at is not None for picture in found] == [True, True]


def test_a_picture_in_hand_when_the_worker_is_stopped_is_compared_by_the_next(
    shop: Store,
    settings: Settings,
    show: Callable[..., str],
    compare: Compare,
    assessor: Any,
) -> None:
    digest = show(shop, add(shop, "new"), file_of(banner(1)), "@shop")
    worker.run(shop, assessor, once=True)
    stop = threading.Event()

    class Ended:
        is_available = True

        def bands(self, content: bytes) -> None:
            stop.set()
            raise PictureError("picture_failed")

    PictureComparing(shop, Ended(), settings).step(stop)  # type: ignore[arg-type]
    assert known_pictures(shop, [digest])[0].compared_at is None
    assert compare(shop) == 1


def test_a_forgotten_picture_leaves_no_likeness_behind(
    shop: Store, decide: Callable[..., int], show: Callable[..., str], compare: Compare
) -> None:
    decided = decided_listing(shop, decide)
    show(shop, decided, file_of(banner(1)), "@shop")
    new = add(shop, "new")
    edited = show(shop, new, file_of(cropped_and_framed(banner(1))), "@shop")
    compare(shop)
    assert len(shop.likeness.of(edited)) == 1
    with shop.database.writing() as session:
        for shown in shop.pictures.of_listing(new):
            session.delete(session.merge(shown.shown))
    assert shop.pictures.forget(edited, lambda _: None)
    assert shop.likeness.of(edited) == []
