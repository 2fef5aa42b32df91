import pytest

from service.batches.formats import Format, format_of, other_charset, wanted


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("application/x-ndjson", Format.JSONL),
        ("Application/JSONL; charset=utf-8", Format.JSONL),
        ("text/csv", Format.CSV),
        ("application/json", None),
        ("", None),
    ],
)
def test_the_content_type_decides(header: str, kind: Format | None) -> None:
    assert format_of(header) is kind


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/csv", None),
        ('text/csv; charset="UTF-8"', None),
        ("text/csv; header=present; charset=tis-620", "tis-620"),
    ],
)
def test_another_character_set_is_seen(header: str, charset: str | None) -> None:
    assert other_charset(header) == charset


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", Format.CSV),
        ("*/*", Format.CSV),
        ("application/jsonl", Format.JSONL),
        ("text/csv;q=0.5, application/x-ndjson", Format.JSONL),
        ("text/csv, application/x-ndjson;q=0.9", Format.CSV),
        ("application/x-ndjson;q=x", Format.CSV),
        ("text/html", Format.CSV),
    ],
)
def test_accept_chooses(accept: str, kind: Format) -> None:
    assert wanted(accept, Format.CSV) is kind
