import io
from typing import Any

from rich.console import Console

from labels.schema import Listing
from labels.taxonomy import Verdict, verdict_term
from service.demo.report import Timings, print_report
from service.store import Store


def test_the_table_names_verdict_title_words_and_counts(store: Store, assessor: Any) -> None:
    for listing in (
        Listing(id="1", title="แคปซูล [red]ตัวอย่าง[/]", description="กินแล้วรักษาเบาหวาน"),
        Listing(id="2", title="สบู่", description="หอม"),
    ):
        store.assessments.record(store.deposit(listing).listing_id, assessor.assess(listing))
    out = io.StringIO()
    timings = Timings(crawl=2.0, assess=4.0, listings=2)
    print_report(store, timings, Console(file=out, width=200), everything=True)
    printed = out.getvalue()
    assert "แคปซูล [red]ตัวอย่าง[/]" in printed  # markup in a title is text
    assert "“รักษาเบาหวาน”" in printed
    assert "สบู่" not in printed
    for verdict in (Verdict.PROHIBITED, Verdict.CLEAR):
        assert f"{verdict_term(verdict).thai} 1" in printed
    assert "crawled in 2.0 s, assessed in 4.0 s (0.5 a second)" in printed


def test_the_riskiest_listings_take_a_line_each_and_the_others_are_counted(
    store: Store, assessor: Any
) -> None:
    for number in range(5):
        listing = Listing(id=str(number), title=f"แคปซูลตัวอย่าง {number}", description="กินแล้วรักษาเบาหวาน " * 9)
        store.assessments.record(store.deposit(listing).listing_id, assessor.assess(listing))
    out = io.StringIO()
    print_report(store, Timings(crawl=2.0, assess=4.0, listings=5), Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert len(lines) == 6
    assert all(verdict_term(Verdict.PROHIBITED).thai in line for line in lines[:3])
    assert "and 2 more" in lines[3]
