"""Visible words of a page that its data do not hold."""

import json
from collections.abc import Callable

import pytest

from crawler.pages.other_text import LONGEST
from crawler.pages.saved import listing_from_html
from labels.other_text import OTHER_TEXT, parted
from labels.schema import Listing
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

NAME, CLEAN = "ชาใบหม่อนอบแห้ง", "ชาใบหม่อนจากสวนภาคเหนือ บรรจุซองเยื่อพร้อมชง"
CLAIMS = (
    "รักษาเบาหวาน",
    "กินแล้วตัวเลขในเลือดกลับมาปกติภายในเจ็ดวัน",
    "ช่วย<b>รักษา</b>โรค<a href='/x'>เบาหวาน</a>ได้จริง",
)


def json_ld() -> tuple[str, str]:
    data = {"@type": "Product", "name": NAME, "description": CLEAN, "offers": {"price": "10"}}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>', ""


def microdata() -> tuple[str, str]:
    return "", (
        f'<div itemscope itemtype="http://schema.org/Product"><meta itemprop="name" content="{NAME}">'
        f'<meta itemprop="description" content="{CLEAN}"><meta itemprop="price" content="10"></div>'
    )


def open_graph() -> tuple[str, str]:
    return (
        f'<meta property="og:type" content="product"><meta property="og:title" content="{NAME}">'
        f'<meta property="og:description" content="{CLEAN}"><meta property="product:price:amount" content="10">'
    ), ""


def state() -> tuple[str, str]:
    data = {
        "product": {"name": NAME, "description": CLEAN, "price": 10, "images": ["https://x.example/a.jpg"]}
    }
    return "", f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'


def nothing() -> tuple[str, str]:
    return "", "<b class=price>฿10</b><button>หยิบใส่ตะกร้า</button>"


SOURCES: list[Callable[[], tuple[str, str]]] = [json_ld, microdata, open_graph, state, nothing]
BLOCK = "<h1>{name}</h1><div class=description>{clean}</div>"
SHAPES = {
    "p": BLOCK + "<p>{claim}</p>",
    "h2": BLOCK + "<h2>{claim}</h2>",
    "longer h1": "<h1>{name} {claim}</h1><div class=description>{clean}</div>",
    "tab": BLOCK + "<div class=tab-pane style='display:none'>{claim}</div>",
    "article": BLOCK + "<article><p>{claim}</p></article>",
    "main": "<main><h1>{name}</h1><p>{clean}</p><div>{claim}</div></main>",
    "own block": "<h1>{name}</h1><div class=description>{claim}</div>",
    "second block": BLOCK + "<div class=product-detail>{claim}</div>",
    "same block": "<h1>{name}</h1><div class=description><p>{clean}</p><p>{claim}</p></div>",
    "table": BLOCK + "<table><tr><th>ยี่ห้อ<td>สาธิต<tr><th>สรรพคุณ<td>{claim}</table>",
    "definition": BLOCK + "<dl><dt>ยี่ห้อ<dd>สาธิต<dt>สรรพคุณ<dd>{claim}</dl>",
}


def plain(markup: str) -> str:
    return "".join(part.partition(">")[2] if at else part for at, part in enumerate(markup.split("<")))


def page(body: str, source: Callable[[], tuple[str, str]] = json_ld) -> bytes:
    head, data = source()
    return f"<html><head><meta charset=utf-8>{head}</head><body>{body}{data}</body></html>".encode()


def read(body: str, source: Callable[[], tuple[str, str]] = json_ld) -> Listing:
    return listing_from_html(page(body, source), "https://shop.example/product/tea")


def other(listing: Listing) -> list[str]:
    return parted(listing.description, listing.extra)[1].splitlines()


def test_a_visible_claim_is_read_beside_clean_data() -> None:
    def read_all(source: Callable[[], tuple[str, str]], shape: str, claim: str) -> None:
        listing = read(SHAPES[shape].format(name=NAME, clean=CLEAN, claim=claim), source)
        # The text of a cell has spaces between its elements.
        assert plain(claim) in listing.text.replace(" ", ""), listing.text
        assert listing.text.count(CLEAN) <= 1, listing.text

    every(((source, shape, claim) for source in SOURCES for shape in SHAPES for claim in CLAIMS), read_all)


def test_a_claim_is_read_however_it_is_broken_into_lines() -> None:
    filling = "ส่งสินค้าทั่วประเทศ " * 30

    def must_be_read(body: str) -> None:
        assert "รักษาเบาหวาน" in "".join(other(read(BLOCK.format(name=NAME, clean=CLEAN) + body))).replace(
            " ", ""
        )

    bodies = (
        "<p>รักษา<br>เบาหวาน", "<p>รักษา<br>เบา<br>หวาน<br>หายขาด", "<ul><li>รักษา<li>เบา<li>หวาน</ul>",
        f"<p>{'<br>'.join('รักษาเบาหวาน')}",
    )  # fmt: skip
    # A long line is read in pieces.
    long = [f"<p>{filling[:size]} รักษา เบาหวาน {filling}" for size in range(380, 410)]
    every(((body,) for body in (*bodies, *long)), must_be_read)


def test_nothing_of_the_frame_or_of_others_is_read() -> None:
    said = "ยานี้รักษาเบาหวานได้จริงภายในเจ็ดวัน"
    around = (
        "<nav>{}</nav>", "<header>{}</header>", "<div class=site-header><p>{}</div>", "<footer><p>{}</footer>",
        "<div class=cookie-consent>{}</div>", "<div class='related products'><p>{}</div>", "<a href=/other>{}</a>",
        "<div class=breadcrumbs>{}</div>", "<a href=/a>{}</a> &gt; <a href=/b>{}</a>", "<aside>{}</aside>",
        "<div id=reviews><ul class=comments><li>{}</ul></div>", "<div hidden>{}</div>", "<dialog>{}</dialog>",
        "<div class=sidebar-widget>{}</div>", "<button>{}</button>", "<select><option>{}</select>",
        "<script>'{}'</script>", "<div itemprop=review>{}</div>", "<div class=mod-reviews>{}</div>",
        "<div class=testimonial-slide>{}</div>", "<div class=ReviewCard_author__x1>{}</div>", "<p class=product-qna>{}",
        "<p class=product-reviewer-name>{}", "<div class=ugc>{}</div>", "<div class=customer-voice>{}</div>",
        "<section><h2>รีวิวจากลูกค้า</h2><p>{}</section>", "<h3>Customer reviews (3)</h3><div><h4>ดีมาก</h4>{}</div>",
        "<section><div><h2>สินค้าที่เกี่ยวข้อง</h2></div><p>{}</section>", "<h2>Related products</h2><p>{}",
        "<div itemscope itemtype=https://schema.org/Review>{}</div>", "<div data-testid=review-card>{}</div>",
        "<ol class=commentlist><li>{}</ol>", "<h2>ถาม-ตอบ</h2><p>{}", "<h2>คะแนนของสินค้า</h2><p>{}",
        "<h3>เสียงตอบรับ</h3><p>{}", "<div><i class=star></i><h2>รีวิว</h2></div><p>{}",
        "<div><h2>รีวิว</h2><span>จากผู้ใช้จริง</span></div><p>{}", "<div class=tab-pane id=nav-reviews>{}</div>",
        "<nav class=tab-content>{}</nav>", "<h2 style='font-size: 16px;opacity:0.9'>รีวิว</h2><p>{}",
        "<h2>รีวิวร้านค้า</h2><p>{}", "<div class='tab-pane related' id=nav-more>{}</div>",
        "<p style='display: none !important;display:block'>{}", "<p style='color:red;VISIBILITY:collapse'>{}", "<p class='hidden md-blocky'>{}",
        "<p class='d-none d-inlined'>{}", "<p hidden style='color:red'>{}", "<p class=sr-only style='display:block'>{}",
    )  # fmt: skip
    known = ("เพิ่มลงในรายการโปรด", NAME, f"รายละเอียด: {CLEAN}", "ร้านของเราส่งสินค้าทั่วประเทศภายในสามวันทำการ")
    bodies = [x.replace("{}", said) for x in around] + [f"<p>{x}</p>" for x in known]

    def must_be_left_out(body: str) -> None:
        listing = read(BLOCK.format(name=NAME, clean=CLEAN) + body)
        assert not other(listing), other(listing)
        assert OTHER_TEXT not in listing.extra

    every(((body,) for body in bodies), must_be_left_out)


def test_no_part_in_sight_is_taken_for_a_frame_or_for_others() -> None:
    bodies = (
        "<h2 hidden>รีวิว</h2><p>{}", "<h2 style='display:none'>รีวิว</h2><p>{}", "<h2 class=sr-only>รีวิว</h2><p>{}",
        "<h2 style='font-size:0'>รีวิว</h2><p>{}", "<h2 style='opacity: 0.0;'>รีวิว</h2><p>{}",
        "<h2><span hidden>รีวิว</span>สรรพคุณ</h2><p>{}", "<h2>ความเห็นแพทย์</h2><p>{}",
        "<h2>รีวิวโดยทางร้าน</h2><p>{}", "<h2>Related benefits</h2><p>{}", "<h2>Recommended dose</h2><p>{}",
        "<p aria-hidden=true>{}", "<div class=tab-content id=nav-tabContent><div class=tab-pane id=nav-description>{}</div></div>",
        "<div role=tabpanel id=nav-detail>{}</div>", "<section><header>{}</header></section>",
        "<div><h2>รีวิว</h2><p>ยังไม่มีรีวิว</p></div><p>{}",
        "<div><h2>รีวิว</h2><span>ยังไม่มีรีวิว</span></div><p>{}", "<a href='#'>{}</a>",
        "<div itemprop=mainEntity itemscope itemtype=https://schema.org/Question>{}</div>", "<a href=/product/tea>{}</a>",
        "<a href='https://shop.example/product/tea#buy'>{}</a>", "<a href=tel:021234567>{}</a>",
        "<a href=mailto:shop@shop.example>{}</a>", "<a href=https://line.me/ti/p/shop>{}</a>",
        "<p class='hidden md:block'>{}", "<p class='d-none d-lg-flex'>{}", "<p style='display:none;display:block'>{}",
        "<p style='/* display:none */'>{}", "<p hidden style='display:block'>{}", "<dialog style='display:block'>{}</dialog>",
        "<p style='--x-display:none'>{}", "<p class=hide style='display: flex'>{}",
    )  # fmt: skip

    def must_be_read(body: str) -> None:
        (line,) = other(read(BLOCK.format(name=NAME, clean=CLEAN) + body.format(CLAIMS[0])))
        assert CLAIMS[0] in line

    every(((body,) for body in bodies), must_be_read)


def test_what_follows_the_reviews_is_read() -> None:
    def must_be_read(body: str) -> None:
        (line,) = other(read(BLOCK.format(name=NAME, clean=CLEAN) + body))
        assert CLAIMS[0] in line
        assert "ปวดเข่า" not in line

    reviews = "<h3>รีวิวจากลูกค้า</h3><p>กินแล้วหายปวดเข่าจริง</p>"
    bodies = (
        f"{reviews}<h3>รายละเอียด</h3><p>{CLAIMS[0]}", f"{reviews}<div><h3>รายละเอียด</h3><p>{CLAIMS[0]}</div>",
        f"<section>{reviews}</section><p>{CLAIMS[0]}", f"<div class=preview>{CLAIMS[0]}</div>",
    )  # fmt: skip
    every(((body,) for body in bodies), must_be_read)


@pytest.mark.costly
def test_no_filling_pushes_a_claim_out() -> None:
    def must_be_read(filling: list[str]) -> None:
        for body in (
            "".join(f"<p>{x}</p>" for x in [*filling, CLAIMS[0]]),
            f"<p>{' '.join([*filling, CLAIMS[0]])}</p>",
        ):
            listing = read(BLOCK.format(name=NAME, clean=CLEAN) + body)
            assert CLAIMS[0] in other(listing)[-1]

    shop = [f"ข้อความทั่วไปเกี่ยวกับการจัดส่งสินค้าของร้านลำดับที่ {n}" for n in range(2000)]
    healthy = [f"ออกกำลังกายให้ร่างกายแข็งแรงทุกวันลำดับที่ {n}" for n in range(900)]
    every([(shop,), (healthy,)], must_be_read)
    listing = read("".join(f"<p>{x} ครั้งที่ {n}" for n in range(4) for x in healthy))
    assert LONGEST - 100 < listing.extra[OTHER_TEXT] <= LONGEST


def test_numbers_and_short_lines_beside_a_claim_are_not_read() -> None:
    lines = f"<div>4.9</div><div>{CLAIMS[0]}</div><div>1,204</div><div>฿ 99</div>"
    assert other(read(BLOCK.format(name=NAME, clean=CLEAN) + lines)) == [CLAIMS[0]]
    lines = f"<div>สีแดง</div><div>{CLAIMS[1]}</div><div>ขวดใหญ่</div>"
    assert other(read(BLOCK.format(name=NAME, clean=CLEAN) + lines)) == [CLAIMS[1]]


def test_what_the_data_say_is_not_read_again() -> None:
    told = "กินแล้วหายปวดเข่า ลดน้ำหนักเจ็ดกิโลในเดือนเดียว บำรุงตับและไต ผิวขาวใส " * 9

    def source() -> tuple[str, str]:
        return json_ld()[0].replace(json.dumps(CLEAN), json.dumps(told)), ""

    def new_lines(body: str, expected: list[str]) -> None:
        assert other(read(f"<h1>{NAME}</h1>{body}", source)) == expected

    bodies: list[tuple[str, list[str]]] = [
        (f"<p>รายละเอียดสินค้า {told}", []),
        (f"<p>{told} … อ่านเพิ่มเติม", []),
        (f"<p>{told.replace(' ', '<br>')}", []),
        (f"<p>{told}<p>แก้ไอเรื้อรัง", ["แก้ไอเรื้อรัง"]),
    ]
    every(bodies, new_lines)


@pytest.mark.parametrize("heading", ["ยาลดอ้วน", "ยา ลดอ้วน!", "ยาลดอ้วน<br>สาธิตการค้า"])
def test_a_short_name_is_not_read_again(heading: str) -> None:
    offer = {"price": 10, "seller": {"name": "สาธิตการค้า"}}
    data = {"@type": "Product", "name": "ยาลดอ้วน", "description": "พร้อมส่งทุกวัน", "offers": offer}
    head = f'<head><script type="application/ld+json">{json.dumps(data)}</script></head>'
    page = f"{head}<body><h1>{heading}</h1><p>ราคาพิเศษวันนี้</p>"
    assert listing_from_html(page.encode()).description == "พร้อมส่งทุกวัน"
    claimed = listing_from_html(f"{page}<p>ยาลดอ้วนได้ผล</p>".encode())
    assert claimed.description == "พร้อมส่งทุกวัน\nราคาพิเศษวันนี้ ยาลดอ้วนได้ผล"


def test_a_claim_that_the_data_deny_is_read_and_the_denial_is_not_read_again() -> None:
    denial = "ไม่มีผลรักษาโรคเบาหวาน มะเร็ง ความดัน"
    claim = "รักษาโรคเบาหวาน มะเร็ง ความดัน"

    def source() -> tuple[str, str]:
        told = f"{CLEAN} ผลิตภัณฑ์นี้ไม่ใช่ยา {denial}\nThis tea does not cure diabetes and cancer."
        return json_ld()[0].replace(json.dumps(CLEAN), json.dumps(told)), ""

    def new_lines(body: str, expected: list[str]) -> None:
        assert other(read(f"<h1>{NAME}</h1>{body}", source)) == expected

    bodies: list[tuple[str, list[str]]] = [
        (f"<h2>{claim} ได้จริง</h2>", [f"{claim} ได้จริง"]),
        (f"<h2>{claim}</h2>", [claim]),
        (f"<p>{denial}</p><h2>{claim}</h2>", [claim]),
        ("<p>Our tea will cure diabetes and cancer", ["Our tea will cure diabetes and cancer"]),
        (f"<p>{denial}", []),
        (f"<p>{CLEAN} ผลิตภัณฑ์นี้ไม่ใช่ยา {denial}", []),
        (f"<p>ผลิตภัณฑ์นี้ไม่ใช่ยา<br>{denial.replace(' ', '<br>')}", []),
        ("<p>This tea does not cure diabetes and cancer.", []),
    ]
    every(bodies, new_lines)


@pytest.mark.costly
def test_the_work_is_linear() -> None:
    links = "<a href=/{n}><b>ยาหม่องตราสาธิตขวดใหญ่</b></a>"
    line = "ปลูกที่สวนลำดับที่ {n} บำรุงตับ: {n} "
    bodies = (
        ("<p>บำรุงไตของคนในหมู่บ้านที่ {n}", 10), (links + "<p>รักษาโรคลำดับที่ {n}", 1), ("<li>ก{n}", 1), ("<div><h3>รีวิว</h3>ดี</div>", 1),
    )  # fmt: skip

    def must_be_linear(body: str, longer: int) -> None:
        def make(size: int) -> bytes:
            told = "".join(line.format(n=-n) for n in range(size * longer))
            data = {"@type": "Product", "name": NAME, "description": told, "offers": {"price": "10"}}
            head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
            lines = "".join(body.format(n=n) for n in range(size))
            return page(f"<h1>{NAME}</h1>{lines}", lambda: (head, ""))

        assert growth(make, listing_from_html, 800) < LINEAR

    every(bodies, must_be_linear)


LONG = (
    "วิธีใช้ ชงวันละซอง", "เลขสารบบอาหาร 13-1-02562-1-0001", "ใบอนุญาตโฆษณาเลขที่ ฆอ. 1234/2566",
    "สั่งซื้อ LINE: @demo-tea โทร 081-000-1234", "อ่านคำเตือนในฉลากก่อนบริโภค",
)  # fmt: skip
TAB = f"<div id=tab-description>{''.join(f'<p>{x}</p>' for x in LONG)}</div>"


@pytest.mark.parametrize("source", [json_ld, microdata, open_graph, state], ids=lambda x: x.__name__)
def test_the_long_description_is_read_beside_the_short_one(source: Callable[[], tuple[str, str]]) -> None:
    listing = read(f"<h1>{NAME}</h1><div class=short-description>{CLEAN}</div>{TAB}", source)
    lines = listing.description.split("\n")
    assert lines[0] == CLEAN
    for line in (CLEAN, *LONG):
        assert sum(line in each for each in lines) == 1, line
    assert not other(listing)


def test_a_button_that_unfolds_the_long_description_hides_nothing() -> None:
    tab = TAB.replace("</div>", "<button>อ่านเพิ่มเติม</button></div>")
    assert LONG[4] in read(f"<h1>{NAME}</h1>{tab}").description


def test_no_box_and_nothing_of_the_shop_is_taken_for_the_long_description() -> None:
    long = "ส่งของทุกวันจันทร์ถึงศุกร์ " * 9
    bodies = (
        f"<div class=product-detail><h1>{NAME}</h1><p>{long}</div>", f"<div class=product-detail>{long}<form>จำนวน</form></div>",
        f"<div class=shipping-description>{long}</div>", f"<div class=shop-description>{long}</div>",
        f"<div class=product-detail>{long}<button>สั่งซื้อ</button></div>", f"<div class=term-description>{long}</div>",
        f"<div class=products><div class=item><h3>{NAME}</h3><div class=product-description>{long}</div></div></div>",
        f"<footer class=description>{long}</footer>", f"<div class=description>{CLEAN}<br>{NAME}</div>",
    )  # fmt: skip

    def must_be_left_out(body: str) -> None:
        description = read(body).description
        assert "ศุกร์" not in description
        assert description.count(CLEAN) == 1

    every(((body,) for body in bodies), must_be_left_out)


def test_numbers_and_contacts_of_the_product_are_read_and_those_of_the_shop_are_not() -> None:
    def lines_are(body: str, expected: list[str]) -> None:
        assert other(read(body)) == expected, body

    heading = f"<h1>{NAME}</h1>"
    call = "โทร 081-000-1234"
    bodies: list[tuple[str, list[str]]] = [
        *((f"{heading}<p>{x}", [x]) for x in (*LONG[1:3], "อย. 10-1-12345-1-0001", "Reg. No. 1A 12/34")),
        *(
            (f"{heading}<p>{x}", [])
            for x in ("บาร์โค้ด 8850000000017", "เลขประจำตัวผู้เสียภาษี 1105500000001", LONG[4])
        ),
        (f"{heading}<p>ใบอนุญาตขายยา เลขที่ กท 123/2560", []),
        (f"{heading}<footer>{LONG[1]}</footer>", []),
        (f"{heading}<p>{call}", []),
        *(
            (f"<div class=summary>{heading}<p>{x}</div>", [x])
            for x in (
                call,
                "โทร +66 81 000 1234",
                "โทร +66 (0)2-000-1234",
                "โทร ๐๘๑-๐๐๐-๑๒๓๔",
                "https://line.me/ti/p/~abc",
                "สั่งที่ lin.ee/AbC1dEf",
            )
        ),
        *((f"<div class=summary>{heading}<p>{x}</div>", []) for x in ("รหัส +66 81", "online.me/abc")),
        (f"<div class=summary>{heading}<footer>{call}</footer></div>", []),
        (f"<div class=summary>{heading}<p>{LONG[3]}</div><p>{LONG[1]}", [LONG[3], LONG[1]]),
        (f"{heading}<table><tr><th>เลข อย.<td>10-1-12345-1-0001</table>", []),
    ]
    every(bodies, lines_are)
