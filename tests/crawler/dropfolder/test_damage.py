"""Feeds and tables that are damaged, or in another encoding than they say: nothing is misread silently."""

from pathlib import Path

import pytest

from crawler.dropfolder.feed import read_feed
from crawler.dropfolder.reading import Unreadable, read_file
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

CLAIM = "รักษามะเร็งหายขาด"
CREAM = "ครีมบำรุงผิวสำหรับทุกคน"


def read(path: Path, body: bytes) -> list[str]:
    """Return what a file's listings read, and its problems."""
    path.write_bytes(body)
    found = read_file(path, "desk")
    return [x.listing.text if x.listing else f"! {x.place}: {x.problem}" for x in found]


def feed(*items: str) -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss xmlns:a="urn:a"><channel>{inner}</channel></rss>'.encode()


OTHER = f"<title>ข</title><description>{CLAIM}</description>"


def test_a_damaged_item_costs_no_other_its_text(tmp_path: Path) -> None:
    def reads(item: str, expected: str) -> None:
        found = read(tmp_path / "a.xml", feed(item, OTHER, item))
        assert found == [expected, f"ข\n{CLAIM}", expected.replace("item 1", "item 3")]

    text = "<title>ก</title><description>{}</description>".format
    every(
        (
            (text("บำรุงผิว<br>ให้นุ่ม"), "ก\nบำรุงผิว\nให้นุ่ม"),
            (text('บำรุงผิว<img src="a.jpg">ให้นุ่ม'), "ก\nบำรุงผิวให้นุ่ม"),
            (text("<ul><li>หนึ่ง<li>สอง</ul>"), "ก\nหนึ่ง\n\nสอง"),
            (text("<p>หนึ่ง<p>สอง"), "ก\nหนึ่ง\n\nสอง"),
            (text("ขาว&ใส"), "ก\nขาว&ใส"),
            (text("ขาว&nbsp;ใส <br> 1 &lt; 2"), "ก\nขาว ใส\n1 < 2"),
            (text("ขาว<br><![CDATA[<b>ใส</b> & </item><item>]]>"), "ก\nขาว\nใส &"),
            (text("ขาว\x0bใส"), "ก\nขาว ใส"),
            (text("ขาว</b> ใส"), "ก\nขาว ใส"),
            (text("1 <3 ใส"), "ก\n1 <3 ใส"),
            ("<!-- <title> & -->" + text("ใส"), "ก\nใส"),
            ("<title>ก<description>ใส</description>", "! item 1: <title> has no end tag: correct the feed"),
        ),
        reads,
    )


def test_an_item_without_its_end_is_reported(tmp_path: Path) -> None:
    body = feed("<title>ก</title>", OTHER).replace(b"</item>", b"", 1)
    assert read(tmp_path / "a.xml", body) == [
        "! item 1: <item> has no end tag: correct the feed",
        f"ข\n{CLAIM}",
    ]


def test_an_item_in_the_text_of_another_is_reported(tmp_path: Path) -> None:
    body = feed("<title><![CDATA[ก</title>", "<title><![CDATA[ข]]></title>", OTHER)
    (problem, other) = read(tmp_path / "a.xml", body)
    assert problem.startswith("! item 1: <title> has a CDATA section without an end")
    assert other == f"ข\n{CLAIM}"


def test_a_cdata_mark_in_a_text_is_left_out(tmp_path: Path) -> None:
    def reads(text: str) -> None:
        items = (f"<title>ก</title><description>{text}</description>", OTHER)
        expected = [f"ก\n{CREAM}", f"ข\n{CLAIM}"]
        assert read(tmp_path / "a.xml", feed(*items)) == expected
        assert read(tmp_path / "a.xml", feed(*items, "<title>ค<br></title>")) == [*expected, "ค\n"]

    every(
        (
            (f"&lt;![CDATA[{CREAM}]]&gt;",),
            (f"&lt;![CDATA[{CREAM}",),
            (f"<![CDATA[{CREAM[:5]}<![CDATA[{CREAM[5:9]}]]>{CREAM[9:]}]]>",),
        ),
        reads,
    )


@pytest.mark.parametrize("letters", ["<{}", "<{} ", '<a "{}'])
def test_a_long_text_that_looks_like_a_tag_is_read_in_linear_time(letters: str) -> None:
    def text(length: int) -> str:
        return f"<rss><item><title>1 & 2</title><text>{letters.format('ก' * length)}</text></item></rss>"

    assert growth(text, read_feed, 40_000) < LINEAR


def test_a_truncated_feed_is_read_up_to_its_last_item(tmp_path: Path) -> None:
    def ends(body: bytes, expected: list[str]) -> None:
        torn = "! its end: the file ends inside an element: send it again"
        assert read(tmp_path / "a.xml", body) == [*expected, torn]

    whole, both = feed("<title>ก</title>", OTHER), ["ก\n", f"ข\n{CLAIM}"]
    every(
        (
            (whole.removesuffix(b"</rss>"), both),
            (whole.removesuffix(b"</channel></rss>"), both),
            (whole[: whole.rindex(b"</item>")], both[:1]),
            (whole[: whole.index("ห".encode()) + 1], both[:1]),
            (
                feed("<title>ก</title>", "<title><![CDATA[ข").removesuffix(b"</item></channel></rss>"),
                both[:1],
            ),
        ),
        ends,
    )


def test_what_a_program_prints_around_a_feed_is_no_truncation(tmp_path: Path) -> None:
    for before, after in (
        (b"<br />\n<b>Warning</b>: x in <b>a.php</b>\n", b""),
        (b"", b"<script>x</script>"),
    ):
        body = before + feed("<title>ก</title>", OTHER) + after
        assert read(tmp_path / "a.xml", body) == ["ก\n", f"ข\n{CLAIM}"]
        assert len(read(tmp_path / "a.xml", body.replace(b"</channel></rss>", b""))) == 3


def test_addresses_in_a_feed_need_no_escapes(tmp_path: Path) -> None:
    address = "https://shop.example/?product_id=1&route=product&size=2"
    (tmp_path / "a.xml").write_bytes(
        feed(f'<a:link rel="self" href="x"/><title>ก</title><link>{address}</link><b:price>5</b:price>')
    )
    (found,) = read_file(tmp_path / "a.xml", "desk")
    assert found.listing is not None
    assert (found.listing.url, found.listing.price) == (address, "5")


def test_a_feed_is_read_in_the_encoding_that_it_is_in(tmp_path: Path) -> None:
    def reads(declared: str, encoding: str) -> None:
        text = f"<rss><item><title>{CREAM}</title><description>{CLAIM}</description></item></rss>"
        body = f'<?xml version="1.0"{declared}?>{text}'.encode(encoding)
        assert read(tmp_path / "a.xml", body) == [f"{CREAM}\n{CLAIM}"]

    every(
        (
            ("", "cp874"),
            (' encoding="UTF-8"', "cp874"),
            (" encoding='windows-874'", "cp874"),
            (' encoding="TIS-620"', "cp874"),
            (' encoding="windows-874"', "utf-8"),
            ("", "utf-8-sig"),
            (' encoding="utf-16"', "utf-16"),
            (' encoding="utf-16"', "utf-16-le"),
        ),
        reads,
    )


def test_a_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    garbled = b"\xe0\x80\x98\x90" * 20
    for name, body in (
        ("a.xml", b'<?xml version="1.0" encoding="utf-8"?><rss><item><title>%s</title></item></rss>'),
        ("a.csv", b"title\n%s\n"),
        ("a.txt", b"%s"),
    ):
        with pytest.raises(Unreadable, match="save it as UTF-8"):
            read(tmp_path / name, body % garbled)
    assert read(tmp_path / "b.txt", b"It is \x93good\x94") == ["It is \ufffdgood\ufffd"]


def test_a_table_cut_inside_its_last_row_says_so(tmp_path: Path) -> None:
    cut = "! line 3: the file ends inside this row: send it again, or add ',' for empty cells"
    head = f"title,description,price\nก,{CREAM},590\n".encode()
    first = f"ก\n{CREAM}"

    def reads(body: bytes, expected: str) -> None:
        assert read(tmp_path / "a.csv", head + body) == [first, expected]

    every(
        (
            (f"ข,{CLAIM}".encode(), cut),
            (f"ข,{CLAIM}".encode()[:-1], cut),
            ("ข,ดี,590 บาท".encode()[:-2], cut),
            ("ข,สวยหรูอร่อย,สวยหรูอร่อย".encode()[:-1], cut),
            (f"ข,{CLAIM}\n".encode(), f"ข\n{CLAIM}"),
            (f"ข,{CLAIM},590".encode(), f"ข\n{CLAIM}"),
            (f"ข,{CLAIM},".encode(), f"ข\n{CLAIM}"),
        ),
        reads,
    )
