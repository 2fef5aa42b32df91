import pytest

from inference.records import RecordError, id_of, listing_from_record
from labels.taxonomy import Platform


def test_text_is_the_whole_text() -> None:
    listing = listing_from_record({"id": "1", "text": "ก", "title": "ข", "description": "ค"})
    assert (listing.title, listing.text) == (None, "ก")
    assert listing.extra == {"title": "ข", "description": "ค"}


@pytest.mark.parametrize("blank", [None, "", " \n", "\u200b", "\ufeff \u00a0"])
def test_a_blank_text_hides_no_title_or_description(blank: str | None) -> None:
    for given, text in (
        ({"title": "ข", "description": "ค"}, "ข\nค"),
        ({"title": "ข"}, "ข\n"),
        ({"description": "ค"}, "ค"),
        ({"title": "", "description": "ค"}, "\nค"),
        ({"title": " ", "description": None}, blank or ""),
    ):
        listing = listing_from_record({"id": "1", "text": blank, **given})
        assert listing.text == text
        assert "text" not in listing.extra
    with pytest.raises(RecordError, match="in quotes") as caught:
        listing_from_record({"id": "1", "text": blank, "title": 5})
    assert caught.value.field == "title"


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"title": "ก", "description": "ข"}, "ก\nข"),
        ({"title": None, "description": "ข"}, "\nข"),
        ({"title": "ก", "description": None}, "ก\n"),
        ({"title": "ก"}, "ก\n"),
        ({"description": "ข"}, "ข"),
        ({"text": None}, ""),
        ({"text": "ก\ud83dข"}, "ก\ufffdข"),
        ({"text": "ก\0\r\nข"}, "ก\0\r\nข"),
    ],
)
def test_title_and_description(record: dict[str, object], text: str) -> None:
    assert listing_from_record({"id": "1", **record}).text == text


def test_known_fields_go_to_their_place_and_others_aside() -> None:
    listing = listing_from_record(
        {
            "id": 12,
            "text": "ก",
            "price": 590.5,
            "url": None,
            "seller": ["not", "a", "text"],
            "platform": "tiktok",
            "captured_at": "2026-01-02T03:04:05+07:00",
            "images": ["a", "b"],
            "likes": {"n": 3},
        }
    )
    assert (listing.id, listing.price, listing.platform, listing.images) == (
        "12",
        "590.5",
        Platform.TIKTOK,
        ["a", "b"],
    )
    assert listing.captured_at is not None
    assert listing.captured_at.isoformat() == "2026-01-01T20:04:05+00:00"
    assert listing.extra == {"url": None, "seller": ["not", "a", "text"], "likes": {"n": 3}}


def test_what_does_not_fit_its_place_is_kept_aside() -> None:
    odd = {"platform": "bazaar", "captured_at": "yesterday", "images": "a.jpg", "price": True}
    listing = listing_from_record({"id": "1", "text": "ก", **odd})
    assert listing.extra == odd


@pytest.mark.parametrize(
    ("record", "says", "field"),
    [
        (None, "must be an object.*not null", ""),
        (["x"], "not a list", ""),
        ({"text": "ก"}, 'no "id"', "id"),
        ({"id": "", "text": "ก"}, 'no "id"', "id"),
        ({"id": 1.5, "text": "ก"}, "not a number", "id"),
        ({"id": True, "text": "ก"}, "not true or false", "id"),
        ({"id": "x" * 201, "text": "ก"}, "at most 200", "id"),
        ({"id": "1"}, "no text", "text"),
        ({"id": "1", "text": 5}, "in quotes", "text"),
        ({"id": "1", "title": {}, "description": ""}, "not an object", "title"),
    ],
)
def test_what_is_no_listing_is_explained(record: object, says: str, field: str) -> None:
    with pytest.raises(RecordError, match=says) as caught:
        listing_from_record(record)
    assert caught.value.field == field


@pytest.mark.parametrize("value", [int("9" * 309), float("inf"), -float("inf"), [{"a": [10**400]}]])
def test_a_number_that_no_double_holds_is_refused_by_its_field(value: object) -> None:
    for field in ("reach", "price", "likes"):
        with pytest.raises(RecordError, match="too large") as caught:
            listing_from_record({"id": "1", "text": "x", field: value})
        assert caught.value.field == field


def test_a_reach_beyond_mankind_is_refused() -> None:
    with pytest.raises(RecordError, match="at most 1,000,000,000,000"):
        listing_from_record({"id": "1", "text": "x", "reach": 1.1e12})
    assert listing_from_record({"id": "1", "text": "x", "reach": 10**12}).extra == {"reach": 10**12}
    for text in ("1.1e12", "1e999", "9" * 400, " 1e13 ", "1,000,000,000,001"):
        with pytest.raises(RecordError, match="at most"):
            listing_from_record({"id": "1", "text": "x", "reach": text})
    for text in ("1e12", "nan", "ไม่ทราบ", "-", "1,234", " +1,234,567.5 ", ".5", ""):
        assert listing_from_record({"id": "1", "text": "x", "reach": text}).extra == {"reach": text}


@pytest.mark.parametrize("value", ["1.2k", "7-9", "12,34", "1.234.567", "1,234 คน"])
def test_a_reach_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(RecordError, match="must be a number") as caught:
        listing_from_record({"id": "1", "text": "x", "reach": value})
    assert caught.value.field == "reach"


@pytest.mark.parametrize("value", [-1, -0.5, "-3", " - 7"])
def test_a_negative_reach_is_refused_and_a_negative_price_is_none(value: object) -> None:
    with pytest.raises(RecordError, match="must not be negative") as caught:
        listing_from_record({"id": "1", "text": "x", "reach": value})
    assert caught.value.field == "reach"
    found = listing_from_record({"id": "1", "text": "x", "price": value, "reach": "79"})
    assert (found.price, found.extra) == (None, {"price": value, "reach": "79"})


@pytest.mark.parametrize(
    "value",
    [
        "nan", "NaN", "N/A", "n/a", "n.a.", "-", " -- ", "–", "—", "- -", "null", "None", " NULL\n",
        "#N/A", " #n/a ", "#VALUE!", "#DIV/0!", "<NA>", ".", "..", "…", "?", "฿ -",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_price_and_makes_no_offer(value: str) -> None:
    found = listing_from_record({"id": "1", "text": "x", "price": value})
    assert (found.price, found.extra, found.is_offer_by_record) == (None, {"price": value}, False)


@pytest.mark.parametrize("value", ["390", "390 บาท", "390.-", "฿390", "nan 5", "none left", "ฟรี", ".5"])
def test_any_other_text_is_a_price(value: str) -> None:
    found = listing_from_record({"id": "1", "text": "x", "price": value})
    assert (found.price, found.extra, found.is_offer_by_record) == (value, {}, True)


@pytest.mark.parametrize("value", ["", " "])
def test_a_blank_price_clears_but_makes_no_offer(value: str) -> None:
    found = listing_from_record({"id": "1", "text": "x", "price": value})
    assert (found.price, found.extra, found.is_offer_by_record) == (value, {}, False)


def test_nan_is_a_number_left_out() -> None:
    found = listing_from_record({"id": "1", "text": "x", "price": float("nan"), "likes": [float("nan")]})
    assert (found.price, found.extra) == (None, {"price": None, "likes": [None]})


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31"])
def test_a_time_that_cannot_be_true_is_kept_aside(written: str) -> None:
    found = listing_from_record({"id": "1", "text": "x", "captured_at": written})
    assert (found.captured_at, found.extra) == (None, {"captured_at": written})


def test_an_id_has_no_character_that_cannot_be_stored() -> None:
    for given in ("a\0b", "a\ud83db"):
        assert listing_from_record({"id": given, "text": "ก"}).id == id_of({"id": given}) == "a\ufffdb"


def test_no_record_says_what_only_our_reader_says() -> None:
    record = {"id": "1", "text": "รักษาเบาหวาน", "price": 390, "other_text": 5, "offered": False, "likes": 1}
    listing = listing_from_record(record)
    assert listing.extra == {"likes": 1}
    assert listing.is_offer_by_record
    assert not listing_from_record({"id": "1", "text": "รักษาเบาหวาน", "offered": True}).is_offer_by_record
