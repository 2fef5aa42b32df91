from pathlib import Path

import pytest
from pydantic import AliasChoices, ValidationError

from crawler.options import CrawlOptions

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_CRAWL_MAX_PAGES", "7")
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", "kept")
    options = CrawlOptions()
    assert (options.max_pages, options.evidence) == (7, Path("kept"))
    monkeypatch.setenv("RUTHAN_PICTURES", "pictures")  # as before settings had groups
    assert CrawlOptions().kept_pictures == Path("pictures")
    assert CrawlOptions(max_pages=9).max_pages == 9
    monkeypatch.setenv("RUTHAN_CRAWL_MAX_PAGES", "many")
    with pytest.raises(ValidationError, match="max_pages"):
        CrawlOptions()


def test_every_setting_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("crawler*.md")))
    for name, field in CrawlOptions.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"RUTHAN_CRAWL_{name.upper()}"
        assert f"`{variable}`" in text
