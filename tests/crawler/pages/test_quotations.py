"""What is read from a page stands on it: a letter quotes these words."""

import re
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages.plain_text import element_text, parse_html, squash
from crawler.pages.saved import listing_from_html
from crawler.pages.shown.row_marks import row_marks
from crawler.pages.shown.rows import labelled_rows
from crawler.pages.shown.zones import own_elements

BEGINNINGS = (
    "น้ำหนัก", "ขนาด", "ปริมาณ", "สี", "กลิ่น", "รสชาติ", "เหมาะสำหรับ", "ผลิตจาก", "สรรพคุณ", "วิธีใช้", "ส่วนประกอบ", "Size", "ประเภท",
)  # fmt: skip
"""Labels of specifications that are also the first words of claims."""
CHANGES = (
    "ปริมาณไขมันลด", "น้ำหนักลด", "น้ำหนักหายไป", "ขนาดเอวเล็กลง", "ขนาดหน้าอกเพิ่มขึ้น", "ปริมาตรผมเพิ่ม", "ขนาดรูขุมขนกระชับ", "น้ำหนักตัวดิ่ง",
)  # fmt: skip
"""Such first words and the verb of the claim."""
AMOUNTS = ("10 กก.", "5 กก.", "3 นิ้ว", "1,000 มก.", "2 ขวด")
ENDS = (
    "ลดลง 5 กิโล", "เอวเล็กลงใน 7 วัน", "ไขมันหายไป", "ผิวสดใสขึ้น", "ผู้ที่อยากผอม", "สมุนไพร 100%", "ต้านมะเร็ง", "ง่าย เห็นผลจริง",
    "zero in a week", "ที่หมอแนะนำ",
)  # fmt: skip
SPECIFICATION = (
    ("ยี่ห้อ", "สวนตัวอย่าง"), ("เลขจดแจ้ง", "10-1-6500000042"), ("น้ำหนัก", "30 กรัม"), ("ประเทศผู้ผลิต", "ไทย"), ("กลิ่น", "น้ำผึ้ง"),
)  # fmt: skip
INLINE = ("b", "strong", "span", "i", "em", "span class=a", "x-part")
BLOCK = ("div", "p", "h3", "h4", "div class=k")
AROUND = (
    "{}", "<div>{}</div>", "<div class='product-detail'>{}</div>", "<h2>รายละเอียดสินค้า</h2><div>{}</div>",
    "<div class='special-offer'>{}</div>", "<section class='product-properties'><div>{}</div></section>", "<h2>คุณสมบัติ</h2><ul>{}</ul>",
)  # fmt: skip


def element(tag: str, text: str) -> str:
    return f"<{tag}>{text}</{tag.split(maxsplit=1)[0]}>"


parts = st.tuples(
    st.sampled_from([*product(BEGINNINGS, ENDS), *product(CHANGES, ENDS + AMOUNTS)]),
    st.sampled_from(INLINE + BLOCK),
    st.sampled_from(INLINE + BLOCK + ("",)),
)


@st.composite
def prose(draw: st.DrawFn) -> str:
    """Claims of two parts, each part in an element of its own, or the second loose."""
    shape = draw(st.sampled_from(("alike", "any", "flat", "lines")))
    number = draw(st.integers(1, 4))
    claims = [draw(parts) for _ in range(number)]
    if shape != "any":
        claims = [(claim, *claims[0][1:]) for claim, *_ in claims]
    told = [
        element(first, name) + (element(second, end) if second else f" {end}")
        for (name, end), first, second in claims
    ]
    box = draw(st.sampled_from(("li", "div", "p", "div class=row")))
    inner = {"flat": "".join(told), "lines": "<br>".join(told)}.get(shape) or "".join(
        element(box, x) for x in told
    )
    return draw(st.sampled_from(AROUND)).format(inner if shape in {"alike", "any"} else element("div", inner))


def shown(html: str) -> str:
    tree = parse_html(f"<body>{html}</body>")
    own = list(own_elements(tree))
    return element_text(tree, row_marks(labelled_rows(own), own))


def on_page(html: str) -> str:
    return squash(str(parse_html(f"<body>{html}</body>").text_content()))


@pytest.mark.costly
@settings(max_examples=400, deadline=None)
@given(prose())
def test_no_colon_is_put_into_a_claim(html: str) -> None:
    assert squash(shown(html)) == on_page(html)


def rows(pairs: Sequence[tuple[str, str]], shape: str) -> str:
    row = {
        "table": "<tr><th>{}</th><td>{}</td></tr>",
        "dl": "<dt>{}</dt><dd>{}</dd>",
        "div": "<div><div class=k>{}</div><div class=v>{}</div></div>",
        "li": "<li><b>{}</b><span>{}</span></li>",
        "br": "<span>{}</span><span>{}</span><br>",
        "colon": "<p><b>{}:</b> {}</p>",
        "flat": "<span class=k>{}</span><span class=v>{}</span>",
    }
    inner = "".join(row[shape].format(*pair) for pair in pairs)
    return element({"table": "table", "dl": "dl", "li": "ul"}.get(shape, "div"), inner)


@pytest.mark.parametrize(
    "shape",
    [
        "br",
        *(
            pytest.param(shape, marks=pytest.mark.costly)
            for shape in ("table", "dl", "div", "li", "colon", "flat")
        ),
    ],
)
@settings(max_examples=60, deadline=None)
@given(
    before=prose(),
    after=prose(),
    pairs=st.lists(st.sampled_from(SPECIFICATION), min_size=3, max_size=5, unique=True).filter(
        lambda x: any(name in {"ยี่ห้อ", "เลขจดแจ้ง", "ประเทศผู้ผลิต"} for name, _ in x)
    ),
)
def test_every_line_that_is_read_stands_on_the_page(
    shape: str, before: str, after: str, pairs: list[tuple[str, str]]
) -> None:
    """A colon and a space may stand between a row's name and value; nothing else is added or left out."""
    page = f"{before}{rows(pairs, shape)}{after}"
    html = f"<meta charset=utf-8><h1>ชาขิงผง</h1><p class=price>90 บาท</p><div class=description>{page}</div><button>สั่งซื้อ</button>"
    listing = listing_from_html(html.encode(), "https://shop.example/product/1")
    text, bare = on_page(page), on_page(page).replace(":", "")
    lines = [line for line in (listing.description or "").split("\n") if line]
    wrong = [line for line in lines if squash(line) not in text and not _is_row(line, text)]
    assert wrong == []
    assert all(f"{name}: {value}" in lines for name, value in pairs), lines
    assert squash("".join(lines)).replace(":", "").startswith(bare)


def _is_row(line: str, text: str) -> bool:
    name, _, value = line.partition(": ")
    return (name, value) in SPECIFICATION and re.search(
        rf"{re.escape(squash(name))}:?{re.escape(squash(value))}", text
    ) is not None
