"""Letters hidden inside words, which readers do not see."""

import pytest

from crawler.pages.plain_text import element_text, parse_html, to_text
from tests.growth import LINEAR, growth

X = "<span style='display:none'>x</span>"


def shown(html: str) -> str:
    return element_text(parse_html(f"<body><div>{html}</div></body>"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"รัก{X}ษามะ{X}เร็ง", "รักษามะเร็ง"),
        (f"รัก{X}{X}ษา", "รักษา"),
        ("รัก<span hidden>x</span>ษา", "รักษา"),
        ("รัก<i style='font-size: 0px'>x</i>ษา", "รักษา"),
        ("รัก<b style='color:red; FONT-SIZE:0 !important'>xyz</b>ษา", "รักษา"),
        ("รัก<span style='visibility:hidden'><b>x</b></span>ษา", "รักษา"),
        ("รัก<span style='display:/**/none'>.</span>ษา", "รักษา"),
        ("รัก<span style='display:none'> </span>ษา", "รักษา"),
        ("<b>รัก</b><span style='display:none'>x</span><b>ษา</b>", "รักษา"),
        ("ราคา 1,<span hidden>x</span>290 บาท", "ราคา 1,290 บาท"),
        ("ราคา 1<span hidden>x</span>,290 บาท", "ราคา 1,290 บาท"),
        ("อย. 10-1-<span hidden>9</span>00000-5-0001", "อย. 10-1-00000-5-0001"),
        # Shown after all.
        ("รัก<span style='display:none;display:inline'>x</span>ษา", "รักxษา"),
        ("รัก<span style='font-size:0.5em'>x</span>ษา", "รักxษา"),
        ("รัก<span hidden><b style='visibility:visible'>x</b></span>ษา", "รักxษา"),
        # Unfolded by a press, or by a script that writes no letter anew.
        ("<p>ชาหอม<span>…</span><span style='display:none'>รักษามะเร็ง</span></p>", "ชาหอม…รักษามะเร็ง"),
        ("ชา<span style='display:none'>รักษามะเร็ง</span>ดื่มง่าย", "ชาดื่มง่าย\nชารักษามะเร็งดื่มง่าย"),
        ("<div style='display:none'><p>รักษามะเร็ง</p></div>", "รักษามะเร็ง"),
        # Separators for other readers, and pieces between words.
        ("<b>ยี่ห้อ</b><span style='display:none'>: </span><b>สาธิต</b>", "ยี่ห้อ: สาธิต"),
        ("<p>ขนาด <span hidden>เล็ก</span> 30 กรัม</p>", "ขนาด เล็ก 30 กรัม"),
        ("<p><span hidden>ใหม่</span>ชา</p>", "ใหม่ชา"),
    ],
)
def test_a_text_is_read_as_its_readers_see_it(html: str, text: str) -> None:
    assert shown(html) == text


def test_data_in_html_are_read_as_shown_too() -> None:
    assert to_text("<p>รัก<span style='display:none'>กขค</span>ษามะเร็ง</p>") == "รักษามะเร็ง"


@pytest.mark.parametrize("piece", ["<span hidden>x</span>ก", "<span hidden>x", "<span hidden>.</span>"])
def test_the_work_on_hidden_pieces_is_linear(piece: str) -> None:
    assert growth(lambda size: parse_html(f"<p>ก{piece * size}ก</p>"), element_text, 8_000) < LINEAR
