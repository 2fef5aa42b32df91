"""A shop that sells by banner only: from its page over the queue to the letter with the picture."""

import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from crawler.sample_shop import registry_path, serve
from crawler.sample_shop.catalogue import products
from inference.pictures.missing import what_is_missing
from inference.pictures.reader import PictureReader
from labels.taxonomy import Verdict
from service.demo import run as demo
from service.pictures.reading import PictureReading
from service.running import worker
from service.settings import Settings
from service.store import Store, open_store
from service.store.tables.core_tables import Role
from tests.helpers.forked import CRAWL, run

pytestmark = [
    pytest.mark.needs_browser,
    pytest.mark.slow,
    pytest.mark.skipif(what_is_missing() is not None, reason="needs Tesseract with its Thai data"),
]

(BANNER,) = (product for product in products() if product.case == "banner_only")


@dataclass
class Desk:
    """The office of this test, as the console's fixtures ask for it."""

    store: Store


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(demo, "_registry", registry_path)
    return demo._fresh(tmp_path / "path")


@pytest.fixture
def assessor(settings: Settings) -> Any:
    return demo._assessor(settings)


@pytest.fixture
def office(settings: Settings, assessor: Any, tmp_path: Path, password: str) -> Iterator[Desk]:
    """The banner's page crawled with its picture, and both read by what is shipped."""
    with serve() as shop:
        status, _, errors = run(
            CRAWL,
            f"{shop.url}/{BANNER.path}",
            *("--max-pages", "1", "--delay", "0", "--allow-private"),
            *("--database", settings.database.url, "--out", str(tmp_path / "path" / "crawl")),
            folder=tmp_path,
            env={"PATH": "/usr/bin", "RUTHAN_CRAWL_PICTURES": "true"},
        )
    assert status == 0, errors
    with open_store(settings.database.url) as store, PictureReader() as reader:
        pictures = PictureReading(store, reader, settings)
        assert not worker.run(store, assessor, once=True, pictures=pictures).failed
        store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
        yield Desk(store)


def test_a_banners_words_go_from_the_shop_to_the_letter(
    page: Any, address: str, office: Desk, password: str, sign_in: Any, tmp_path: Path
) -> None:
    store = office.store
    (listing,) = store.listings.page().rows
    (shown,) = store.pictures.of_listing(listing.id)
    assert not any(words in listing.shape().text for words in BANNER.banner[1:4])

    sign_in(page, address, password, "/queue", "mali")
    row = page.locator("tr[data-row]").first
    row.locator("img").first.evaluate("image => image.decode()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{listing.id}*")
    page.keyboard.press("b")
    assert page.locator("a.box.here").count()
    assert page.locator("[data-claim]").evaluate_all("rows => rows.indexOf(document.activeElement)") >= 0
    for _ in range(page.locator("[data-claim]").count()):
        page.keyboard.press("c")
    page.keyboard.press("1")
    page.wait_for_url("**saved=*")
    (past,) = store.reviews.history(listing.id)
    assert past.review.decision == Verdict.PROHIBITED
    assert {claim["picture"] for claim in past.review.confirmed_claims} == {shown.picture.sha256}

    page.goto(f"{address}/cases/{listing.id}")
    page.select_option("#referral-recipient", "consumer_police")
    page.click("#make-referral")
    page.wait_for_url("**/referrals/1")
    with page.expect_download() as started:
        page.click("#download-pack")
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "pack")
    (sums,) = (tmp_path / "pack").rglob("SHA256SUMS")
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=sums.parent, capture_output=True, text=True, check=True
    )
    assert all(line.endswith(": OK") for line in checked.stdout.splitlines())
    assert not list(sums.parent.rglob("screenshot-*")), "the banner is the seller's, no picture of the page"
    original = (sums.parent / "evidence" / "picture-1.png").read_bytes()
    assert sha256(original).hexdigest() == shown.picture.sha256
    marked = Image.open(BytesIO((sums.parent / "evidence" / "picture-1-marked.jpg").read_bytes()))
    assert marked.width == shown.picture.width
    assert "picture-1-marked.jpg" in checked.stdout
    assert page.faults == []
