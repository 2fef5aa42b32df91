import pytest

from crawler.reporting import conclude_all, progress
from crawler.run import CrawlSummary, Progress


def test_progress_shows_every_source_on_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 11.0, 11.0, 12.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    show, stop = progress()
    show(Progress(1, 0, 0, "https://a.example/", "a"))
    show(Progress(5, 3, 1, "https://b.example/", "b", flagged=2))
    show(Progress(6, 3, 1, "https://b.example/", "b", flagged=2))
    stop()
    assert capsys.readouterr().err.splitlines() == [
        "a: 1 pages, 0 listings (0 flagged), 0 errors",
        "b: 5 pages, 3 listings (2 flagged), 1 errors",
    ]


def test_the_summary_names_what_failed_and_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    fine = CrawlSummary("a", pages=4, listings=2, flagged=1, gone=1)
    bad = CrawlSummary("b", pages=1, errors=1, start_failures={"b": "the token is not accepted"})
    spent = CrawlSummary("c", not_asked=3, finish_reason="daily_budget")
    assert conclude_all([fine, bad, spent], "sqlite:///x.db", None) == 1
    said = capsys.readouterr()
    assert "a: 4 pages, 2 listings (1 flagged), 0 errors, 1 gone" in said.out
    assert "c: 0 pages, 0 listings (0 flagged), 0 errors, 3 held back" in said.out
    assert "3 sources: 5 pages, 2 listings (1 flagged), 1 errors" in said.out
    assert said.err.splitlines() == [
        "error: cannot crawl b: the token is not accepted",
        "error: not or not wholly read: b",
    ]
    assert conclude_all([fine, spent], "sqlite:///x.db", None) == 0
