"""Tables and feeds: no text of a row is lost, and no two products are merged."""

import json
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crawler.dropfolder.reading import Unreadable, read_file
from labels.schema import Listing
from labels.taxonomy import Platform
from service.store import open_store
from tests.helpers.every import every

CLAIM = "รักษามะเร็งหายขาด"
SHOP = "https://shop.example/a"


def read(path: Path, text: str) -> list[Listing]:
    path.write_text(text, encoding="utf-8")
    return [found.listing for found in read_file(path, "desk") if found.listing is not None]


def table(folder: Path, header: str, *rows: str) -> list[Listing]:
    return read(folder / "table.csv", "\n".join([header, *rows]))


def test_every_text_of_a_row_is_read(tmp_path: Path) -> None:
    def description(header: str, row: str, expected: str) -> None:
        (listing,) = table(tmp_path, header, row)
        assert listing.description == expected

    every(
        (
            ("title,description,content,price", f"ยา ก,ขนาด 60 เม็ด,{CLAIM},590", f"ขนาด 60 เม็ด\n{CLAIM}"),
            ("title,text,content", f"ยา ก,{CLAIM},{CLAIM}", CLAIM),
            ("title,text,content,detail", "ยา ก,ค,ข,ค", "ค\nข"),
            ("title,text,content", f"ยา ก, ,{CLAIM}", CLAIM),
            ("title,summary,content", f"ยา ก,รักษามะเร็ง[…],{CLAIM}", CLAIM),
            ("ชื่อสินค้า,สรรพคุณ", f"ยา ก,{CLAIM}", CLAIM),
            ("title,description,ประโยชน์", f"ยา ก,ขนาด 60 เม็ด,{CLAIM}", f"ขนาด 60 เม็ด\nประโยชน์: {CLAIM}"),
            ("title,ประโยชน์", f"ยา ก,<p>{CLAIM}</p>", f"ประโยชน์: {CLAIM}"),
            ("title,Benefit", "ยา ก,cures cancer in a week", "Benefit: cures cancer in a week"),
            ("title,เลข อย.", "ยา ก,10-1-00000-5-0004", "เลข อย.: 10-1-00000-5-0004"),
            ("title,FDA no", "ยา ก,10-1-00000-5-0004", "FDA no: 10-1-00000-5-0004"),
            ("title,product name", "ยา ก,ยาเทวดา", "product name: ยาเทวดา"),
            ("title,product name", "ยา ก,ยา ก", ""),
            ("title,รายละเอียด,รายละเอียด", f"ยา ก,ขนาด 60 เม็ด,{CLAIM}", f"ขนาด 60 เม็ด\n{CLAIM}"),
            ("title,รายละเอียด 1,รายละเอียด 2", f"ยา ก,ขนาด 60 เม็ด,{CLAIM}", f"ขนาด 60 เม็ด\n{CLAIM}"),
            ("title,description,", f"ยา ก,ดี,{CLAIM}", f"ดี\ncolumn 3: {CLAIM}"),
        ),
        description,
    )


def test_what_no_buyer_reads_is_stored_but_no_text(tmp_path: Path) -> None:
    header = "title,description,ยอดขาย,หมายเหตุ,availability,condition,google_product_category,picture page"
    row = "ยา ก,ดี,300,โฆษณาเกินจริง รอตรวจ,in stock,new,Health > Health Care > Vitamins,https://shop.example/p of it"
    (listing,) = table(tmp_path, header, row)
    assert listing.description == "ดี"
    assert listing.extra["columns"] == dict(zip(header.split(",")[2:], row.split(",")[2:], strict=True))


def test_further_pictures_and_prices_are_kept(tmp_path: Path) -> None:
    header = "title,image_link,additional_image_link,image 2,price,sale_price"
    pictures = [f"https://shop.example/{n}.jpg" for n in range(4)]
    (listing,) = table(
        tmp_path, header, f'ยา ก,{pictures[0]},"{pictures[1]},{pictures[2]}",{pictures[3]},590,390'
    )
    assert listing.images == pictures
    assert (listing.price, listing.extra["columns"]) == ("590", {"sale_price": "390"})


def test_names_of_columns_may_have_units(tmp_path: Path) -> None:
    (listing,) = table(tmp_path, "ชื่อสินค้า (ไทย),ราคา (บาท),ชื่อร้านค้า", "ยา ก,590,ร้าน ก")
    assert (listing.title, listing.price, listing.currency, listing.seller) == ("ยา ก", "590", "THB", "ร้าน ก")
    (listing,) = table(tmp_path, "title,price (net)", "ยา ก,590")
    assert (listing.price, listing.currency) == ("590", None)


def test_lists_in_json_are_read(tmp_path: Path) -> None:
    row = {
        "title": "ยา ก",
        "description": ["ขนาด 60 เม็ด", "ส่งฟรี"],
        "จุดเด่น": [CLAIM, "ไม่ต้องผ่าตัด"],
        "n": [1, 2],
    }
    (listing,) = read(tmp_path / "rows.json", json.dumps([row]))
    assert listing.description == f"ขนาด 60 เม็ด, ส่งฟรี\nจุดเด่น: {CLAIM}, ไม่ต้องผ่าตัด"
    assert listing.extra["columns"] == {"n": "1, 2"}


def test_a_feed_is_read_with_its_full_text(tmp_path: Path) -> None:
    (listing,) = read(
        tmp_path / "feed.xml",
        '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:a="http://www.w3.org/2005/Atom">'
        "<channel><item><title>ยา ก</title><link>https://b.example/1</link>"
        '<a:link rel="self" href="https://b.example/1/feed"/><description>อ่านต่อ…</description>'
        f"<content:encoded><![CDATA[<p>{CLAIM}</p>]]></content:encoded></item></channel></rss>",
    )
    assert (listing.description, listing.url) == (f"อ่านต่อ…\n{CLAIM}", "https://b.example/1")


def test_an_entry_has_the_address_of_its_own_page(tmp_path: Path) -> None:
    def address(links: str, expected: str | None) -> None:
        (listing,) = read(
            tmp_path / "feed.xml",
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>ยา ก</title>'
            f"<summary>{CLAIM}</summary>{links}</entry></feed>",
        )
        assert (listing.url, listing.description) == (expected, CLAIM)

    reply = '<link rel="replies" href="https://b.example/feeds/1/comments"/>'
    page, plain = (
        '<link rel="alternate" href="https://b.example/1.html"/>',
        '<link href="https://b.example/1"/>',
    )
    every(
        (
            (reply + page, "https://b.example/1.html"),
            (plain + reply, "https://b.example/1"),
            (
                page + '<link rel="alternate" hreflang="en" href="https://b.example/en"/>',
                "https://b.example/1.html",
            ),
            (reply, None),
        ),
        address,
    )


def ids(found: Sequence[Listing]) -> dict[str | None, str]:
    return {listing.title: listing.id for listing in found}


def test_products_that_share_an_address_are_listings_of_their_own(tmp_path: Path) -> None:
    header, rows = "title,description,url", [f"ยา ก,{CLAIM},{SHOP}", f"ยา ข,ลดเบาหวาน,{SHOP}?fbclid=1"]
    alone = table(tmp_path, header, rows[0])
    both = table(tmp_path, header, *rows)
    assert len(set(ids(both).values())) == 2
    assert {x.url for x in both} == {SHOP}
    # The order of the rows does not matter, nor what else has the address.
    more = table(tmp_path, header, f"ยา ค,ดี,{SHOP}", *reversed(rows))
    assert ids(both).items() < ids(more).items()
    assert alone[0].id not in ids(both).values()
    with open_store(f"sqlite:///{tmp_path / 'ruthan.db'}") as store:
        for listing in [*both, *table(tmp_path, header, *rows)]:
            store.deposit(listing, source="crawl")
        assert [row.version for row in store.listings.page().rows] == [1, 1]


def test_rows_of_one_product_share_its_id(tmp_path: Path) -> None:
    def shared(header: str, *rows: str) -> None:
        found = table(tmp_path, header, *rows)
        assert {x.id for x in found} == {table(tmp_path, header, rows[0])[0].id}

    every(
        (
            ("title,sku,price,url", f"ยา ก,1,590,{SHOP}", f"ยา ก,2,990,{SHOP}"),
            ("title,id,url", f"ยา ก,1,{SHOP}", f"ยา ก ชื่อใหม่,1,{SHOP}"),
            ("title,url", f"ยา ก,{SHOP}", f"ยา  ก,{SHOP}?utm_source=line"),
        ),
        shared,
    )


def test_own_numbers_tell_products_of_one_address_apart(tmp_path: Path) -> None:
    first = table(tmp_path, "title,id,url", f"ยา ก,1,{SHOP}", f"ยา ข,2,{SHOP}")
    again = table(tmp_path, "title,id,url", f"ยา ก สูตรใหม่,1,{SHOP}", f"ยา ข,2,{SHOP}")
    assert [x.id for x in first] == [x.id for x in again]
    assert first[0].id != first[1].id


def test_every_kind_of_table_tells_products_apart(tmp_path: Path) -> None:
    names = ["ยา ก", "ยา ข"]
    book = openpyxl.Workbook()
    for name in names:
        sheet = book.create_sheet(name)
        sheet.append(["title", "url"])
        sheet.append([name, SHOP])
    book.save(tmp_path / "book.xlsx")
    sheets = [x.listing for x in read_file(tmp_path / "book.xlsx", "desk") if x.listing is not None]
    rows: list[dict[str, Any]] = [{"title": name, "url": SHOP} for name in names]
    lines = "\n".join(json.dumps(row) for row in rows)
    products = json.dumps([{"@type": "Product", "name": name, "url": SHOP} for name in names])
    items = "".join(f"<item><title>{name}</title><link>{SHOP}</link></item>" for name in names)
    found = [
        sheets,
        read(tmp_path / "a.jsonl", lines),
        read(tmp_path / "a.json", products),
        read(tmp_path / "a.xml", f"<rss><channel>{items}</channel></rss>"),
    ]
    assert [ids(each) for each in found] == [ids(sheets)] * 4
    assert len(set(ids(sheets).values())) == 2


def test_our_own_listings_keep_their_ids(tmp_path: Path) -> None:
    rows = [Listing(id="one", title=title, url=SHOP).model_dump_json() for title in ("ยา ก", "ยา ข")]
    found = read(tmp_path / "a.jsonl", "\n".join(rows))
    assert [x.id for x in found] == ["one", "one"]


def test_no_table_is_taken_for_our_own_listings(tmp_path: Path) -> None:
    header = "id,title,description,price,url"
    first = table(tmp_path, header, '1,ครีม ก,"<b>ขาว</b>ถาวร","1,290",https://a.example/p/1')
    other = table(tmp_path, header, f"1,ยา ข,{CLAIM},590,https://b.example/p/1")
    assert first[0].id != other[0].id
    assert (first[0].description, first[0].price) == ("ขาวถาวร", "1290")
    assert first[0].extra["origin"] == "desk"
    row = {"id": "1", "title": "ครีม ก", "description": "<b>ขาว</b>ถาวร", "url": "https://a.example/p/1"}
    (again,) = read(tmp_path / "a.jsonl", json.dumps(row))
    assert (again.id, again.description) == (first[0].id, "ขาวถาวร")


def test_one_number_of_several_products_without_addresses_makes_no_listing_of_them(tmp_path: Path) -> None:
    header = "รหัสสินค้า,ชื่อสินค้า,รายละเอียด,ราคา,ร้าน"
    own = table(tmp_path, header, f"A1,ครีม,{CLAIM},590,", "A1,ชา,บำรุง,390,", "A1,ชา,บำรุง,390,ร้าน ข")
    assert len({x.id for x in own}) == 3
    (again,) = table(tmp_path, header, "A1,ครีม,บำรุงผิว,490,")
    assert again.id == own[0].id


def test_nested_values_are_read(tmp_path: Path) -> None:
    def reads(row: str, name: str, expected: object) -> None:
        (listing,) = read(tmp_path / "a.jsonl", f'{{"title": "ครีม", {row}}}')
        assert getattr(listing, name) == expected

    author = '"author": {"name": "ร้าน ก", "url": "https://a.example"}'
    every(
        (
            (author, "seller", "ร้าน ก"),
            (author, "seller_url", "https://a.example"),
            (author + ', "shop url": "https://b.example"', "seller_url", "https://b.example"),
            ('"images": [{"url": "https://a.example/1.jpg"}]', "images", ["https://a.example/1.jpg"]),
            ('"image": {"src": "https://a.example/1.jpg"}', "images", ["https://a.example/1.jpg"]),
            ('"link": {"url": "https://a.example/p"}', "url", "https://a.example/p"),
            ('"price": {"amount": "590.00", "currencyCode": "THB"}', "price", "590.00"),
            ('"description": {"th": "ขาว<br>ใส", "en": ["white"]}', "description", "ขาว\nใส\nwhite"),
            ('"description": [{"text": "ขาว"}, "ใส"]', "description", "ขาว\nใส"),
            ('"description": NaN', "description", ""),
            ('"description": [NaN, "ใส"]', "description", "ใส"),
            ('"price": NaN, "sale price": 5', "price", "5"),
            ('"price": {"amount": NaN}', "price", None),
        ),
        reads,
    )


def test_what_was_read_of_a_damaged_workbook_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawler.dropfolder import reading
    from labels.workbook_rows import BadWorkbook, SheetRow

    def rows(_: bytes) -> Any:
        yield SheetRow("a", 1, ["title", "url"])
        yield SheetRow("a", 2, ["ยา ก", SHOP])
        yield SheetRow("a", 3, ["ยา ข", SHOP])
        raise BadWorkbook("torn", "ขาด")

    monkeypatch.setattr(reading, "workbook_rows", rows)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    found: list[Listing | None] = []
    with pytest.raises(Unreadable, match="torn"):
        found += [each.listing for each in read_file(tmp_path / "a.xlsx", "desk")]
    iterator = read_file(tmp_path / "a.xlsx", "desk")
    first, second = next(iterator).listing, next(iterator).listing
    assert first is not None
    assert second is not None
    assert first.id != second.id


@pytest.mark.parametrize(
    "written",
    ["#N/A", "N/A", "-", ".", "nan", "#DIV/0!", "-1"],
    ids=lambda written: written.replace("/", "_"),
)
def test_a_placeholder_is_no_price_and_hides_none_in_another_column(tmp_path: Path, written: str) -> None:
    without, other = table(tmp_path, "title,price,sale price", f"ยา ก,{written},", f"ยา ข,{written},590 บาท")
    assert (without.title, without.price, without.currency) == ("ยา ก", None, None)
    assert (other.price, other.currency) == ("590", "THB")
    assert without.extra["columns"]["price"] == written


@pytest.mark.parametrize(
    "url",
    [
        ["none", {"@id": f"{SHOP}/1"}],
        ["N/A", f"{SHOP}/1"],
        ["n.a.", {"url": ["none", f"{SHOP}/1"]}],
        [{"url": "none", "@id": f"{SHOP}/1"}],
        ["อย. 1", f"{SHOP}/1"],
    ],
    ids=["id", "text", "list", "node", "words"],
)
@pytest.mark.parametrize("kind", [{}, {"@type": "Product"}], ids=["columns", "product"])
def test_the_address_in_a_list_is_the_one_that_is_an_address(
    tmp_path: Path, url: object, kind: dict[str, str]
) -> None:
    row = {**kind, "name": "ยา ก", "description": CLAIM, "url": url}
    (listing,) = read(tmp_path / "rows.json", json.dumps([row]))
    assert listing.url == f"{SHOP}/1"
    (nowhere,) = read(tmp_path / "rows.json", json.dumps([{**row, "url": ["N/A", "none"]}]))
    assert nowhere.url is None


def test_posts_saved_whole_from_one_profile_do_not_share_its_address(tmp_path: Path) -> None:
    def saved(place: str, text: str) -> Listing:
        message = EmailMessage()
        message["Snapshot-Content-Location"] = place
        message.add_alternative(f"<html><body><h1>ยา ก</h1><p>{text}</p></body></html>", subtype="html")
        (tmp_path / "post.mhtml").write_bytes(bytes(message))
        (found,) = read_file(tmp_path / "post.mhtml", "desk")
        assert found.listing is not None
        return found.listing

    profile = "https://www.facebook.com/shop.herb"
    first, second = (saved(profile, f"{CLAIM} ทักไลน์ @demo {n}") for n in ("เช้า", "เย็น"))
    assert (first.url, second.url) == (None, None)
    assert first.id != second.id
    assert first.platform is Platform.FACEBOOK
    post = saved(f"{profile}/posts/1?__tn__=x", CLAIM)
    assert post.url == f"{profile}/posts/1"
