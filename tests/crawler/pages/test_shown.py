"""Labelled rows, galleries and counts, in markup of every kind."""

from collections.abc import Callable

import pytest
from lxml.html import HtmlElement

from crawler.pages.plain_text import element_text, parse_html
from crawler.pages.saved import listing_from_html
from crawler.pages.shown.gallery import each_once, is_same_picture, shown_pictures
from crawler.pages.shown.nesting import flatten
from crawler.pages.shown.popularity import Popularity, count_of, shown_popularity
from crawler.pages.shown.row_marks import row_marks
from crawler.pages.shown.rows import labelled_rows
from crawler.pages.shown.zones import own_elements
from inference.licences import find_numbers
from labels.evidence.picture_addresses import whole_picture
from labels.schema import LicenceKind
from tests.helpers.growth import LINEAR, growth


def rows(html: str) -> dict[str, str]:
    return {x.name: x.value for x in labelled_rows(own_elements(parse_html(f"<body>{html}</body>")))}


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><th>ยี่ห้อ</th><td>สาธิต</td></tr><tr><th>น้ำหนัก</th><td>30 กรัม</td></tr></table>",
        "<table><tr><td>ยี่ห้อ</td><td>สาธิต</td><td>น้ำหนัก</td><td>30 กรัม</td></tr></table>",
        "<table><tr><td>ยี่ห้อ</td><td>:</td><td>สาธิต</td></tr><tr><td>น้ำหนัก</td><td>:</td><td>30 กรัม</td></tr></table>",
        "<table><tr><td>ยี่ห้อ : สาธิต</td></tr><tr><td>น้ำหนัก : 30 กรัม</td></tr></table>",
        "<table class=spec><tr><th>ยี่ห้อ</th><th>น้ำหนัก</th><th>ก</th></tr><tr><td>สาธิต</td><td>30 กรัม</td><td>ข</td></tr></table>",
        "<dl><dt>ยี่ห้อ<dd>สาธิต<dt>น้ำหนัก<dd>30 กรัม</dl>",
        "<dl><div><dt>ยี่ห้อ</dt><dd>สาธิต</dd></div><div><dt>น้ำหนัก</dt><dd>30 กรัม</dd></div></dl>",
        "<div><div><label>ยี่ห้อ</label><a href=/b>สาธิต</a></div><div><label>น้ำหนัก</label><div>30 กรัม</div></div></div>",
        "<div><div><h3>ยี่ห้อ</h3><a href=/b>สาธิต</a></div><div><h3>น้ำหนัก</h3><div>30 กรัม</div></div></div>",
        "<ul><li><strong>ยี่ห้อ:</strong> สาธิต</li><li><strong>น้ำหนัก</strong>: 30 กรัม</li></ul>",
        "<ul><li>ยี่ห้อ: สาธิต</li><li>น้ำหนัก： 30 กรัม</li></ul>",
        "<div><b>ยี่ห้อ</b><span>สาธิต</span><b>น้ำหนัก</b><span>30 กรัม</span></div>",
        "<div>ยี่ห้อ : สาธิต<br>น้ำหนัก : 30 กรัม<br></div>",
        "<div><div><div><span>ยี่ห้อ</span></div><div><span>สาธิต</span></div></div><div><div>น้ำหนัก</div><div>30 กรัม</div></div></div>",
        "<div><p><strong>ยี่ห้อ</strong> สาธิต</p><p><strong>น้ำหนัก</strong> 30 กรัม</p></div>",
        "<div><div class=g>ยี่ห้อ</div><div class=g>สาธิต</div><div class=g>น้ำหนัก</div><div class=g>30 กรัม</div></div>",
        "<div><div><p>ยี่ห้อ</p><p>น้ำหนัก</p></div><div><p>สาธิต</p><p>30 กรัม</p></div></div>",
        "<section><h2>Specifications</h2><div><p><span>ยี่ห้อ</span> <span>สาธิต</span></p><p><span>น้ำหนัก</span> <span>30 กรัม</span></p></div></section>",
    ],
)
def test_rows_are_read_whatever_they_are_made_of(html: str) -> None:
    found = rows(html)
    assert (found.get("ยี่ห้อ"), found.get("น้ำหนัก")) == ("สาธิต", "30 กรัม")


@pytest.mark.parametrize(
    "html",
    [
        "<div><div><h2>รายละเอียดสินค้า</h2><p>ชาขิงหอมชื่นใจ</p></div><div><h2>รีวิว</h2><p>ดีมาก</p></div></div>",
        "<div><p>เช้านี้: แดดออก</p><p>เย็นนี้ฝนตก</p><p>พรุ่งนี้ก็ฝนตก</p></div>",
        "<div><div><label>คะแนน</label><span>12.5พัน</span></div><div><label>ติดตาม</label><span>91</span></div></div>",
        "<ul><li><a href=/p/1><b>ยี่ห้อ:</b> ของคนอื่น</a></li><li><a href=/p/2><b>ยี่ห้อ:</b> ของคนอื่น</a></li></ul>",
        "<section class=related><table><tr><th>ยี่ห้อ</th><td>ของคนอื่น</td></tr></table></section>",
        "<div class=product-ratings><div><label>ยี่ห้อ</label><p>ที่คนรีวิวพูดถึง</p></div></div>",
        "<div><div>ตัวอย่าง</div><div>สวนตัวอย่าง</div></div>",
        "<div><div><label>จำนวน</label><input value=1></div></div>",
    ],
)
def test_what_is_no_row_of_the_product_is_left_alone(html: str) -> None:
    assert rows(html) == {}


def test_what_the_heading_stands_in_is_the_pages_own_whatever_it_is_called() -> None:
    page = "<body class='has-sidebar'><div class='menu-closed no-comments'><h1>ชา</h1><ul><li>ยี่ห้อ: สาธิต</li></ul></div></body>"
    assert [x.value for x in labelled_rows(own_elements(parse_html(page)))] == ["สาธิต"]
    headless = "<body class='has-sidebar'><ul><li>ยี่ห้อ: สาธิต</li></ul></body>"
    assert [x.value for x in labelled_rows(own_elements(parse_html(headless)))] == ["สาธิต"]


def test_a_value_is_read_to_its_end() -> None:
    html = "<ul><li><b>คำเตือน:</b> ห้ามใช้<i>เกิน</i>วันละ 2 ซอง</li><li><b>ยี่ห้อ:</b> สาธิต</li></ul>"
    assert rows(html) == {"คำเตือน": "ห้ามใช้ เกิน วันละ 2 ซอง", "ยี่ห้อ": "สาธิต"}


def test_a_long_list_of_ingredients_is_a_row_and_running_text_is_not() -> None:
    def table(value: str) -> str:
        return f"<table><tr><td>ส่วนประกอบ</td><td>{value}</td></tr></table>"

    assert len(rows(table("ขมิ้น " * 300))["ส่วนประกอบ"]) > 1_500
    assert rows(table("ขมิ้น " * 3_000)) == {}


def test_labels_and_values_are_not_glued_in_running_text() -> None:
    tree = parse_html(
        "<body><div id=x>ของดี <div><label>ยี่ห้อ</label><a>สาธิต</a></div><dl><dt>น้ำหนัก:</dt><dd>30 กรัม</dd></dl>"
        "<p><b>ลด</b>น้ำหนัก</p></div></body>"
    )
    own = list(own_elements(tree))
    assert element_text(tree, row_marks(labelled_rows(own), own)).split("\n") == [
        "ของดี",
        "ยี่ห้อ: สาธิต",
        "",
        "น้ำหนัก: 30 กรัม",
        "",
        "ลดน้ำหนัก",
    ]


def shown(html: str) -> list[str]:
    tree = parse_html(f"<body>{html}</body>")
    own = list(own_elements(tree))
    return [x for x in element_text(tree, row_marks(labelled_rows(own), own)).split("\n") if x]


@pytest.mark.parametrize(
    "html",
    [
        "<div><span>ยี่ห้อ: สาธิต</span><span>เลขจดแจ้ง: 10-1-6500000042</span></div>",
        "<div><x-row>ยี่ห้อ: สาธิต</x-row><x-row>เลขจดแจ้ง: 10-1-6500000042</x-row></div>",
        "<x-rows><x-row><x-k>ยี่ห้อ</x-k><x-v>สาธิต</x-v></x-row><x-row><x-k>เลขจดแจ้ง</x-k><x-v>10-1-6500000042</x-v></x-row></x-rows>",
        "<div><span>ยี่ห้อ</span><span>สาธิต</span><br><span>เลขจดแจ้ง</span><span>10-1-6500000042</span></div>",
        "<p>ยี่ห้อ: สาธิต</p><div><b>เลขจดแจ้ง:</b><span> 10-1-6500000042</span><br></div>",
        "<div><b>ยี่ห้อ</b><span>สาธิต</span><b>เลขจดแจ้ง</b><span>10-1-6500000042</span></div>",
    ],
)
def test_rows_of_inline_elements_are_lines_of_their_own(html: str) -> None:
    assert shown(html) == ["ยี่ห้อ: สาธิต", "เลขจดแจ้ง: 10-1-6500000042"]


def test_an_unknown_label_is_not_glued_to_its_value_and_no_word_is_split() -> None:
    alike = "<div>{}</div>".format("<div><span class=k>ความหวาน</span><span class=v>น้อย</span></div>" * 2)
    assert shown(alike) == ["ความหวาน น้อย"] * 2
    assert shown(
        "<div><p><span>รัก</span><span>ษา</span></p><p><span>หาย</span><span>ขาด</span></p></div>"
    ) == [
        "รักษา",
        "หายขาด",
    ]
    assert shown("<div><div><span>รัก</span><span>ษา</span></div></div>") == ["รักษา"]
    assert shown("<div><span>รัก</span><span>ษา</span><br><span>หาย</span><span>ขาด</span></div>") == [
        "รักษา",
        "หายขาด",
    ]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (
            "<p><b>น้ำหนัก</b><span>ลดลง 5 กิโลใน 7 วัน</span><br>เห็นผลจริง</p>",
            ["น้ำหนักลดลง 5 กิโลใน 7 วัน", "เห็นผลจริง"],
        ),
        ("<p><b>น้ำหนัก</b><span>ลดลง</span><br><b>ไขมัน</b><span>หายไป</span></p>", ["น้ำหนักลดลง", "ไขมันหายไป"]),
        (
            "<div><div><span>ยี่ห้อ</span><span>สาธิต</span></div>"
            "<div><span>น้ำหนักลด</span><span>5 กก.</span></div></div>",
            ["ยี่ห้อ: สาธิต", "น้ำหนักลด5 กก."],
        ),
        (
            "<p><b>น้ำหนัก</b><span>ลด</span><br><b>ขนาด</b><span>เอวเล็กลง</span><br>เห็นผลจริง</p>",
            ["น้ำหนักลด", "ขนาดเอวเล็กลง", "เห็นผลจริง"],
        ),
        (
            "<ul><li><b>รัก</b><span>ษาเบาหวาน</span></li><li><b>ลด</b><span>น้ำตาล</span></li></ul>",
            ["รักษาเบาหวาน", "ลดน้ำตาล"],
        ),
        (
            "<ul><li><span class=a>เบ</span><span class=b>าหวาน</span></li><li><span class=a>ลด</span><span class=b>ไขมัน</span></li></ul>",
            ["เบาหวาน", "ลดไขมัน"],
        ),
        (
            "<div><div><span class=a>1,</span><span class=b>290</span></div><div><span class=a>2,</span><span class=b>500</span></div></div>",
            ["1,290", "2,500"],
        ),
        (
            "<p>ทาน <span>ขนาด: 30 กรัม</span> ต่อซอง วันละ <span>น้ำหนัก: 2</span> ครั้ง</p>",
            ["ทาน ขนาด: 30 กรัม ต่อซอง วันละ น้ำหนัก: 2 ครั้ง"],
        ),
        ("<p>ช่วย<b>น้ำหนัก: ลดเร็ว</b>ใน 7 วัน</p>", ["ช่วยน้ำหนัก: ลดเร็วใน 7 วัน"]),
        ("<p><i>ช่วย</i><b>น้ำหนัก: ลดเร็ว</b><i>ใน 7 วัน</i></p>", ["ช่วยน้ำหนัก: ลดเร็วใน 7 วัน"]),
        ("<p>ทาน <b><i><u>ขนาด: 30 กรัม</u></i></b> ต่อซอง</p>", ["ทาน ขนาด: 30 กรัม ต่อซอง"]),
        ("<p>ทาน <span><b>ขนาด</b><i>30 กรัม</i></span> ต่อซอง</p>", ["ทาน ขนาด: 30 กรัม ต่อซอง"]),
    ],
)
def test_running_text_stays_as_its_author_wrote_it(html: str, lines: list[str]) -> None:
    assert shown(html) == lines


@pytest.mark.parametrize(
    ("label", "number", "kind"),
    [
        ("หมายเลขใบอนุญาต/อย.", "10-1-00000-5-0041", LicenceKind.FOOD_SERIAL),
        ("FDA Registration No.", "10-1-00000-5-0041", LicenceKind.FOOD_SERIAL),
        ("เลขที่ใบรับจดแจ้ง", "10-1-6500000042", LicenceKind.COSMETIC_NOTIFICATION),
        ("เลขจดแจ้ง", "1016500000042", LicenceKind.COSMETIC_NOTIFICATION),
        ("ทะเบียนยา", "G 999/60", LicenceKind.TRADITIONAL_REGISTRATION),
    ],
)
def test_a_licence_number_in_a_row_reaches_its_reader(label: str, number: str, kind: LicenceKind) -> None:
    page = f"""<html><head><meta charset=utf-8><script type="application/ld+json">
        {{"@type": "Product", "name": "ของสาธิต", "description": "ของดีมีคุณภาพ"}}</script></head>
        <body><div><div><h3>ยี่ห้อ</h3><a href=/b>สาธิต</a></div><div><h3>{label}</h3><div>{number}</div></div></div></body></html>"""
    listing = listing_from_html(page.encode())
    (found,) = find_numbers(listing.text)
    assert (found.kind, listing.text[found.start : found.end]) == (kind, number)


@pytest.mark.parametrize(
    "number",
    [
        "1A 123/45", "2C 5/2545", "1A12/35 (NB)", "1C 15/50 NBC", "G 9/60", "ฆท. 12/2567", "ฆสพ. 12/2567", "ฆ.ส.พ. สบส. 12/2567",
        "วอส. 1/2560", "ว.อ.ส. 12/2560", "10-1-00000-5-0041",
    ],
)  # fmt: skip
def test_a_licence_number_of_any_kind_is_a_row_of_its_own(number: str) -> None:
    (row,) = labelled_rows(
        parse_html(f"<body><div><div><span>เลขทะเบียน</span><span>{number}</span></div></div>").iter()
    )
    assert (row.name, row.value) == ("เลขทะเบียน", number)
    assert len(find_numbers(f"{row.name}: {row.value}")) == 1


def test_an_amount_is_no_licence_number() -> None:
    for value in ("1 A", "2 เม็ด/วัน", "1A", "ลด 5/7 วัน", "12 ปี"):
        page = f"<body><div><div><span>เลขทะเบียน</span><span>{value}</span></div></div>"
        assert labelled_rows(parse_html(page).iter()) == [], value


def test_two_sizes_are_one_picture_and_the_whole_one_is_named() -> None:
    assert whole_picture("https://down-th.img.susercontent.com/file/th-1-abc@resize_w82_nl.webp") == (
        "https://down-th.img.susercontent.com/file/th-1-abc"
    )
    assert (
        whole_picture("https://th-live-01.slatic.net/p/a.jpg_120x120q80.jpg_.webp")
        == "https://th-live-01.slatic.net/p/a.jpg"
    )
    assert is_same_picture("https://a.example/u/soap-300x300.jpg", "https://cdn.example/u/soap.jpg?v=2")
    assert not is_same_picture("/img.php?id=1", "/img.php?id=2")
    assert each_once(["/a/soap.jpg", "", "data:image/gif;base64,R0", "/a/soap-100x.jpg", "/a/tea.jpg"]) == [
        "/a/soap.jpg",
        "/a/tea.jpg",
    ]


def test_equal_names_in_other_folders_are_other_pictures() -> None:
    named = [f"https://shop.example/media/{number}/original.jpg" for number in (101, 102, 103)]
    shown = [f"/{folder}/{number}.jpg" for folder in ("gallery", "detail") for number in (1, 2)]
    assert each_once([*named, *shown]) == [*named, *shown]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/image/upload/w_500,c_fill/v1/soap.jpg", "/image/upload/v1/soap.jpg"),
        ("/media/300x300/soap.jpg", "https://cdn.example/media/soap.jpg"),
        ("/p/thumbs/soap.jpg", "/p/soap.jpg"),
        ("/image/cache/catalog/soap-800x800.jpg", "/image/catalog/soap.jpg"),
        ("/uploads/2026/01/soap.jpg", "https://cdn.example/shop.example/uploads/2026/01/soap-scaled.jpg"),
        ("/101-large_default/soap.jpg", "/101-home_default/soap.jpg"),
        ("/r/abc/w500", "/r/abc/w240"),
        ("/cdn-cgi/image/width=300,quality=75/up/a.jpg", "/cdn-cgi/image/width=900,quality=75/up/a.jpg"),
        ("/cdn-cgi/image/width=300/up/a.jpg", "/up/a.jpg"),
        ("/img/300/300/a.jpg", "/img/1200/800/a.jpg"),
        ("https://a.example/p/9ab.jpg", "https://b.example/g/p/9ab.jpg"),
        ("/uploads/a.jpg", "https://cdn.example/shop12/uploads/a.jpg"),
        (
            "https://cdn.example/s/files/1/0001/products/a_300x.jpg",
            "https://shop.example/cdn/shop/products/a.jpg",
        ),
        ("/thumbs/a.jpg", "/images/a.jpg"),
        ("/images/product/preview/a.jpg", "/images/product/a.jpg"),
    ],
)
def test_paths_that_differ_in_a_size_name_one_picture(one: str, other: str) -> None:
    assert is_same_picture(one, other)
    assert is_same_picture(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/gallery/1.jpg", "/detail/1.jpg"),
        ("/uploads/2026/01/soap.jpg", "/uploads/2026/02/soap.jpg"),
        ("/uploads/2026/10/soap.jpg", "/uploads/2026/11/soap.jpg"),
        ("/p/101/soap.jpg", "/p/102/soap.jpg"),
        ("/p/1001/2001", "/p/1002/2002"),
        ("/p/101/small/soap.jpg", "/p/102/small/soap.jpg"),
        ("https://shop.example/101/soap.jpg", "https://cdn.example/102/soap.jpg"),
    ],
)
def test_paths_that_differ_in_more_than_a_size_name_two_pictures(one: str, other: str) -> None:
    assert not is_same_picture(one, other)


def test_pictures_in_three_sizes_each_count_once() -> None:
    host = "https://img.example/media"
    sizes = ("w_2500,h_1666,al_c", "w_500,h_500,al_c,q_85,usm_0.66_1.00_0.01", "w_100,h_100,blur_2")
    shown = [f"{host}/{n}~m.jpg/v1/fill/{size}/{n}~m.jpg" for size in sizes for n in range(3)]
    assert each_once([f"{host}/{n}~m.jpg" for n in range(3)] + shown) == [
        f"{host}/{n}~m.jpg" for n in range(3)
    ]
    assert len(each_once(shown)) == 3


def test_the_copies_in_the_folder_of_a_saved_page_have_no_address() -> None:
    page = (
        "<html><head><link rel=canonical href=https://shop.example/p/1><script type=application/ld+json>"
        '{"@type":"Product","name":"ครีม","image":"https://shop.example/m/1.jpg"}</script></head>'
        "<body><h1>ครีม</h1><div class=gallery><img src='./ครีม_files/2.jpg'><img src=/m/3.jpg></div></body></html>"
    )
    saved = listing_from_html(f"<!-- saved from url=(0024)https://shop.example/p/1 -->{page}".encode())
    assert saved.images == ["https://shop.example/m/1.jpg", "https://shop.example/m/3.jpg"]
    assert len(listing_from_html(page.encode(), url="https://shop.example/p/1").images) == 3


def test_the_copies_of_a_page_that_firefox_saved_have_no_address_and_the_originals_keep_theirs() -> None:
    page = (
        "<html><head><meta charset=utf-8><link rel=canonical href=https://shop.example/p/ครีม></head><body><h1>ครีม</h1>"
        "<span class=price>590 บาท</span><button>สั่งซื้อ</button><div class=gallery><img src=ครีม_files/1.jpg>"
        "<img src=ครีม_files/2.jpg data-src=https://shop.example/m/2.jpg>"
        "<a href=https://shop.example/m/3.jpg><img src='./ครีม_files/3-small.jpg'></a>"
        "<img src=https://shop.example/user_files/4.jpg></div></body></html>"
    )
    assert listing_from_html(page.encode()).images == [
        "https://shop.example/m/2.jpg", "https://shop.example/m/3.jpg", "https://shop.example/user_files/4.jpg"
    ]  # fmt: skip


def test_a_shops_own_folder_beside_the_saved_page_is_no_copy() -> None:
    page = (
        "<html><head><meta charset=utf-8><link rel=canonical href='https://shop.example/product.php?id=1'></head><body>"
        "<h1>ครีม</h1><span class=price>590 บาท</span><button>สั่งซื้อ</button><div class=gallery>"
        "<img src=https://shop.example/upload_files/1.jpg><img src=ครีม_files/2.jpg></div></body></html>"
    )
    assert listing_from_html(page.encode()).images == ["https://shop.example/upload_files/1.jpg"]


def test_pictures_of_the_gallery_are_taken_and_those_of_others_are_not() -> None:
    tree = parse_html(
        "<body><img src=/logo.png><div class=product-gallery><a href=/big/1.jpg><img src=/small/1.jpg></a>"
        "<img src=/x.gif data-src=/big/2.jpg><img srcset='/big/3-100w.jpg 100w, /big/3.jpg 900w'>"
        "<video poster=/big/film.jpg></video></div>"
        "<div class=q><img src=https://cdn.example/p/4.jpg><img src=https://cdn.example/icons/5.png></div>"
        "<a href=/other><img class=photo src=https://cdn.example/p/6.jpg></a>"
        "<div class=review-list><img class=photo src=/big/7.jpg></div><nav><img class=thumb src=/big/8.jpg></nav></body>"
    )
    assert shown_pictures(own_elements(tree), ["https://cdn.example/p/0.jpg"]) == [
        "/big/1.jpg", "/big/2.jpg", "/big/3.jpg", "/big/film.jpg", "https://cdn.example/p/4.jpg",
    ]  # fmt: skip


_OFFER = "<b class=price>590 บาท</b><button>สั่งซื้อ</button>"


@pytest.mark.parametrize(
    ("declared", "body", "found"),
    [
        ("/img/b.jpg", "<div><img src=/img/1.jpg><img src=../img/2.jpg></div>", ["/img/b.jpg", "/img/1.jpg", "/img/2.jpg"]),
        ("/img/b.jpg", "<div><img src=/other/1.jpg></div>", ["/img/b.jpg"]),
        ("", "<div class=description><img src=/up/1.jpg><img src=https://shop.example/up/2.jpg></div>", ["/up/1.jpg", "/up/2.jpg"]),
        ("", "<div class=description><img class=emoji src=/e.png><img src=/cart-icon.png><img width=16 src=/a.gif></div>", []),
        ("", "<div class=description><a href=/other><img src=/up/1.jpg></a><nav><img src=/up/2.jpg></nav></div>", []),
        ("", "<div class=description><img class=product-silicone src=/up/silicone-mask.jpg></div>", ["/up/silicone-mask.jpg"]),
        ("", "<div class=shipping-description><img src=/up/1.jpg></div>", []),
    ],
)  # fmt: skip
def test_pictures_beside_the_declared_one_and_in_the_description_are_taken(
    declared: str, body: str, found: list[str]
) -> None:
    head = f"<meta property=og:image content={declared}>" if declared else ""
    page = f"<html><head><meta charset=utf-8>{head}</head><body><h1>เซรั่ม</h1>{_OFFER}{body}</body></html>"
    images = listing_from_html(page.encode(), "https://shop.example/product/serum").images
    assert images == [f"https://shop.example{path}" for path in found]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234", 1234), ("1.2k", 1200), ("5.3พัน", 5300), ("1.5หมื่น", 15_000), ("2แสน+", 200_000), ("1.1ล้าน", 1_100_000),
        (77, 77), ("10K+ sold", 10_000), ("ไม่มี", None), (True, None), (-1, None), ("9" * 40, None), (1e300, None), (float("nan"), None),
    ],
)  # fmt: skip
def test_counts_are_read_as_pages_write_them(written: object, number: int | None) -> None:
    assert count_of(written) == number


def test_sales_are_what_an_element_says_and_not_what_the_seller_writes() -> None:
    tree = parse_html(
        "<body><h1>ชา</h1><button><div>4.9</div></button><button><div>1.2พัน</div><div>การให้คะแนน</div></button>"
        "<p>ขายดีมาก ขายแล้ว 99,999 กระปุก สั่งเลย</p><div>ขายแล้ว <b>5.3พัน</b> ชิ้น</div><a href=/p/2>ขายแล้ว 8 ชิ้น</a></body>"
    )
    assert shown_popularity(list(own_elements(tree))) == Popularity(5300, None, 1200)
    assert shown_popularity(list(own_elements(parse_html("<body><p>4.9 คะแนน</p></body>")))).ratings is None


@pytest.mark.parametrize(("piece", "deepest"), [("<div>", 1_600), ("<div><p></p>", 144)])
def test_rows_of_elements_around_one_another_are_read_in_bounded_time(piece: str, deepest: int) -> None:
    def page(depth: int) -> list[HtmlElement]:
        chain = piece * depth + "<b>ยี่ห้อ</b><i>ก</i>" + "</div>" * depth
        return list(own_elements(parse_html(f"<body>{chain * 4}</body>")))

    assert growth(page, labelled_rows, deepest) < LINEAR


@pytest.mark.parametrize(
    ("piece", "read", "deepest"),
    [
        ("<div><p></p>", shown_popularity, 144),
        ("<div>ยี่ห้อ: ก<br>", labelled_rows, 56),
        ("<div><b>ยี่ห้อ</b><br>", labelled_rows, 56),
    ],
)
def test_a_text_is_read_as_often_whatever_is_around_it(
    piece: str, read: Callable[[list[HtmlElement]], object], deepest: int
) -> None:
    def page(depth: int) -> list[HtmlElement]:
        return list(own_elements(parse_html(f"<body>{(piece * depth + '</div>' * depth) * 16}</body>")))

    assert growth(page, read, deepest) < LINEAR


def test_pairs_in_lines_are_rows_whatever_is_around_them() -> None:
    pairs = "<b>ยี่ห้อ</b><span>ก</span><br><b>เลข อย.</b><span>10-1-12345-1-0001</span><br>"
    for depth in range(6):
        page = f"<body>{'<div>รายละเอียดสินค้า<br>' * depth}<div>{pairs}</div>{'</div>' * depth}</body>"
        rows = labelled_rows(own_elements(parse_html(page)))
        assert [(row.name, row.value) for row in rows] == [("ยี่ห้อ", "ก"), ("เลข อย.", "10-1-12345-1-0001")]


def test_elements_that_only_held_deeper_ones_leave_nothing_behind() -> None:
    tree = parse_html("<body>" + "<div>" * 300 + "ก<p>ข</p>" + "</div>" * 300 + "ค</body>")
    assert flatten(tree)
    assert element_text(tree).split() == ["ก", "ข", "ค"]
    assert len(list(tree.iter("div"))) < 70
