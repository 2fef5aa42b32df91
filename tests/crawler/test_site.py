import pytest

from crawler.site import clean_url, holds_any, identity_url, site_of, with_query_in


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("HTTP://Shop.Example:80/a?b=2&a=1#x", "http://shop.example/a?a=1&b=2"),
        ("https://shop.example/a?utm_source=x&id=5&fbclid=y", "https://shop.example/a?id=5"),
        ("https://user:secret@shop.example/", "https://shop.example/"),
        ("/b", "https://shop.example/b"),
        ("/v.php?n=%A4%C3%D5%C1", "https://shop.example/v.php?n=%A4%C3%D5%C1"),
        ("/v.php?n=%a4%c3%d5%c1&%A1=+%E0%B8%81", "https://shop.example/v.php?n=%A4%C3%D5%C1&%A1=+%E0%B8%81"),
        ("/v.php?n=ก", "https://shop.example/v.php?n=%E0%B8%81"),
        ("ftp://shop.example/", None),
        ("http://[::1", None),
        ("http://shop.example:99999/", None),
    ],
)
def test_urls_have_one_spelling(url: str, clean: str | None) -> None:
    assert clean_url(url, "https://shop.example/c/") == clean


def test_a_site_is_a_registered_domain_or_a_host_with_its_port() -> None:
    assert site_of("https://www.raan.co.th/x") == site_of("http://raan.co.th/") == "raan.co.th"
    assert site_of("https://a.co.th/") != site_of("https://b.co.th/")
    assert site_of("https://a.myshopify.com/") != site_of("https://b.myshopify.com/")
    assert site_of("http://127.0.0.1:8000/") != site_of("http://127.0.0.1:9000/")
    with pytest.raises(ValueError, match="no host"):
        site_of("nothing")


@pytest.mark.parametrize(
    ("canonical", "identity"),
    [
        (None, "https://raan.co.th/c/tea/khing?v=2"),
        ("/khing", "https://raan.co.th/khing"),
        ("https://raan.co.th/", "https://raan.co.th/c/tea/khing?v=2"),
        ("https://other.co.th/khing", "https://raan.co.th/c/tea/khing?v=2"),
    ],
)
def test_a_canonical_url_counts_where_it_can_be_believed(canonical: str | None, identity: str) -> None:
    assert identity_url("https://raan.co.th/c/tea/khing?v=2", canonical) == identity


def test_products_with_addresses_that_end_in_a_common_word_stay_apart() -> None:
    own = "https://raan.co.th/product/5/detail"
    for shared in ("/detail", "/product/detail", "/", "/product/6/detail"):
        assert identity_url(own, shared) == own
    assert identity_url(own, "/th/product/5/detail") == "https://raan.co.th/th/product/5/detail"
    assert identity_url("https://raan.co.th/c/khing/index.html", "/index.html").endswith(
        "/c/khing/index.html"
    )


def test_a_script_address_keeps_its_query() -> None:
    own = "https://raan.co.th/product.php?id=5"
    assert identity_url(own, "https://raan.co.th/product.php") == own


@pytest.mark.parametrize(
    ("encoding", "url", "sent"),
    [
        ("cp874", "/ก?n=ครีม&x=%A4#ก", "/ก?n=%A4%C3%D5%C1&x=%A4#ก"),
        ("cp874", "/?n=é", "/?n=%26%23233%3B"),
        ("cp874", "/#?n=ก", "/#?n=ก"),
        ("utf-8", "/?n=ก", "/?n=ก"),
        ("utf-16-le", "/?n=ก", "/?n=ก"),
    ],
)
def test_only_the_query_is_sent_in_the_pages_encoding(encoding: str, url: str, sent: str) -> None:
    assert with_query_in(encoding, url) == sent


def test_bytes_that_are_no_utf_8_are_compared_as_they_are() -> None:
    assert holds_any("http://a.example/%A4%C3", ["%a4%c3"])
    assert not holds_any("http://a.example/%A4%C3", ["%A1%A2"])
