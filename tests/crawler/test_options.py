from pathlib import Path

import pytest
from pydantic import ValidationError

from crawler.options import CrawlOptions

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_CRAWL_MAX_PAGES", "7")
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", "kept")
    options = CrawlOptions()
    assert (options.max_pages, options.evidence) == (7, Path("kept"))
    assert CrawlOptions(max_pages=9).max_pages == 9
    monkeypatch.setenv("RUTHAN_CRAWL_MAX_PAGES", "many")
    with pytest.raises(ValidationError, match="max_pages"):
        CrawlOptions()


def test_every_setting_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("crawler*.md")))
    for name, field in CrawlOptions.model_fields.items():
        assert f"`{field.validation_alias or f'RUTHAN_CRAWL_{name.upper()}'}`" in text
