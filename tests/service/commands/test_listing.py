import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from labels.pictured import assessment_of
from labels.schema import Capture, Listing
from service.commands.listing import listing
from service.store import open_store
from service.store.listings.sightings import Absence

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_history_shows_versions_changes_and_visits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"

    def page(number: int) -> Capture:
        return Capture(
            url="https://shop.example/p", status=200, captured_at=AT + timedelta(days=number), sha256="a" * 64,
            warc_file="a.warc.gz", warc_record_id=f"<{number}>", content_type="text/html",
        )  # fmt: skip

    with open_store(url) as store:
        for number, (text, price) in enumerate([("ครีม 300", "300"), ("ครีม 300", "300"), ("ครีม 350", "350")]):
            images = [f"https://shop.example/{number}.jpg"] if number > 1 else []
            shape = Listing(id="p", description=text, price=price, seller=f"นาย {price}", images=images)
            store.deposit(shape, [page(number)], "crawl", page(number))
        store.sightings.note_absence("p", "crawl", Absence("HTTP 404"), page(4))
        store.deposit(Listing(id="p", description="อื่น"), source="other")

    def run(*args: str, code: int = 0) -> str:
        result = CliRunner().invoke(listing, ["history", *args, "--database", url])
        assert result.exit_code == code, result.output
        return result.output

    shown = run("1")
    assert "~ ครีม [-300-]{+350+}" in shown
    assert "price 300 -> 350, seller นาย 300 -> นาย 350" in shown
    assert "images none -> https://shop.example/2.jpg" in shown
    assert "gone: HTTP 404" in shown
    document = json.loads(run("1", "--json"))
    assert [x["outcome"] for x in document["visits"]] == ["new", "unchanged", "changed", "gone"]
    assert document["takedown"] is None
    assert [x["images"] for x in document["versions"]] == [[], ["https://shop.example/2.jpg"]]
    assert "give its number, one of 1 (crawl), 2 (other)" in run("p", code=1)
    assert "there is no listing 7" in run("7", code=1)


def test_history_says_which_pictures_each_assessment_saw(tmp_path: Path, assessor: Any) -> None:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        shape = Listing(id="p", description="ครีม")
        number = store.deposit(shape, source="shop").listing_id
        (alone,) = assessor.classify([shape])
        picture = {"file": "", "sha256": "a" * 64, "status": "read"}
        both = assessment_of(alone.model_dump() | {"pictures": [picture], "verdict": "prohibited"})
        store.assessments.record(number, both, pictures_key="x")
        store.deposit(Listing(id="p", description="ครีมใหม่"), source="shop")
        store.assessments.record(number, alone)
    result = CliRunner().invoke(listing, ["history", "1", "--database", url])
    shown = [line.partition(": ")[2] for line in result.output.partition("\nassessments\n")[2].splitlines()]
    assert shown == [
        f"prohibited, version 1, pictures {'a' * 12} read",
        f"{alone.verdict.value}, version 2, no picture (current)",
    ]
