import pytest

from service.store.listings.addresses import address_key, normalized_address

PLAIN = "shop.example/item/1?id=7"


@pytest.mark.parametrize(
    "written",
    [
        "https://shop.example/item/1?id=7",
        "http://www.shop.example/item/1/?id=7",
        "HTTPS://M.Shop.Example:443/item/1?id=7#reviews",
        "shop.example/item/1?id=7",
        " https://shop.example/item/1?utm_source=x&id=7&fbclid=abc&utm_medium=y ",
        "https://shop.example./item/1?id=7&__cft__[0]=abc",
    ],
)
def test_copies_of_an_address_are_one(written: str) -> None:
    assert normalized_address(written) == PLAIN
    assert address_key(written) == address_key(f"https://{PLAIN}")


def test_percent_encoding_and_the_order_of_parameters_do_not_count() -> None:
    thai = "https://shop.example/สินค้า?b=2&a=ก"
    assert address_key(thai) == address_key(
        "https://shop.example/%E0%B8%AA%E0%B8%B4%E0%B8%99%E0%B8%84%E0%B9%89%E0%B8%B2?a=%E0%B8%81&b=2"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://shop.example/item/1", "https://shop.example/item/2"),
        ("https://shop.example/item?id=1", "https://shop.example/item?id=2"),
        ("https://shop.example/Item", "https://shop.example/item"),
        ("https://shop.example:8443/item", "https://shop.example/item"),
        ("https://a.shop.example/item", "https://b.shop.example/item"),
        ("https://shop.example/v.php?n=%A4%C3", "https://shop.example/v.php?n=%A1%A2"),
        ("https://shop.example/%A4%C3", "https://shop.example/%A1%A2"),
    ],
)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "เพจเมฆขาว",
        "https://shop.example/",
        "www.shop.example",
        "javascript:alert(1)",
        "https://[::1/x",
        "https://shop.example:99999/x",
        "https:///x",
        "https://shop.example/?utm_source=x",
    ],
)
def test_what_names_no_page_has_no_key(written: str | None) -> None:
    assert address_key(written) is None


def test_half_an_emoji_in_an_address_is_no_error() -> None:
    assert address_key("https://shop.example/x?n=\ud83d")
