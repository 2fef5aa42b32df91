"""Running text of pages without product markup."""

import pytest
from web_poet import HttpResponse

from crawler.pages.document import PageDocument
from crawler.pages.readable import main_text, readable_facts
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth


def document(html: str) -> PageDocument:
    page = f"<meta charset=utf-8><body>{html}</body>".encode()
    return PageDocument(HttpResponse("https://shop.example/", body=page))


def test_words_beside_a_menu_or_code_are_lines_as_browsers_show_them() -> None:
    def read(piece: str, lines: list[str]) -> None:
        found = main_text(document(f"<p>ต้น</p><div>รัก<b>ษา</b>{piece}เบา<i>หวาน</i></div><p>ท้าย</p>"))
        assert found.split() == ["ต้น", *lines, "ท้าย"]

    whole, two = ["รักษาเบาหวาน"], ["รักษา", "เบาหวาน"]
    unseen = ("<script></script>", "<template>เมนู</template>", "<span class=menu>เมนู</span>")
    every((*((piece, whole) for piece in unseen), ("<nav>เมนู</nav>", two), ("<form>ค้นหา</form>", two)), read)


def test_a_button_that_orders_makes_a_page_an_offer_and_is_no_text() -> None:
    words = "ชาใบหม่อนอบแห้งจากสวนบนดอย หอมอ่อน ชงร้อนหรือเย็น"
    page = f"<p>{words}</p>{{}}<nav><button>สั่งซื้อ</button></nav>"
    assert readable_facts(document(page.format(""))) is None
    facts = readable_facts(document(page.format("<div><button><i></i>สั่งซื้อ</button></div>")))
    assert facts is not None
    assert facts.description == words


def test_a_form_or_header_with_much_text_for_its_fields_is_read_and_others_are_not() -> None:
    words = "รักษาเบาหวานให้หายขาด " * 4

    def read(piece: str, is_read: bool) -> None:
        found = main_text(document(f"<p>ต้น</p>{piece.format(words)}<p>ท้าย</p>"))
        assert found.split() == ["ต้น", *(words.split() if is_read else ()), "ท้าย"]

    hidden, field = "<input type=hidden name=a>", "<input name=a>"
    pieces = (
        (f"<form>{hidden}<div><nav>เมนู</nav>{{}}</div>{field}<input type=submit></form>", True),
        ("<form><header><form><a href=/>เมนู</a></form></header>{}</form>", True),
        ("<header><p>{}</p></header>", True),
        (f"<form>{{}}{field * 2}</form>", False),
        ("<form><label>{}</label></form>", False),
        ("<header><a href=/>{}</a></header>", False),
        ("<header>{0}<ul><li><a href=/>{0}เมนู</a></ul></header>", False),
        ("<form class=menu>{}</form>", False),
    )
    every(pieces, read)


@pytest.mark.parametrize("piece", ["<form>ก", "<header>ก", "<form><header><input>ก"])
def test_text_in_forms_without_end_is_read_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, lambda page: main_text(document(page)), 800) < LINEAR
