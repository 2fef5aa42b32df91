import pytest

from crawler.pages.plain_text import element_text, parse_html, pictures_in, to_text
from crawler.pages.tag_depth import without_deepest_tags
from tests.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("บรรทัดแรก\r\nบรรทัดสอง", "บรรทัดแรก\nบรรทัดสอง"),
        ("<p>ก</p><p>ข</p>", "ก\n\nข"),
        ("ก<br>ข<br/>ค", "ก\nข\nค"),
        ("แถวแรก\nแถวสอง <b>หนา</b>", "แถวแรก\nแถวสอง หนา"),
        ("<div>ก\n  ข</div>", "ก ข"),
        ("&lt;p&gt;ก &amp;amp; ข&lt;/p&gt;", "ก & ข"),
        ("A &amp; B", "A & B"),
        ("น้ำหนัก <3 กก. & สูง >150", "น้ำหนัก <3 กก. & สูง >150"),
        ("<p>ก</p><script>alert(1)</script><style>x{}</style>ข", "ก\nข"),
        ("<ul><li>1</li><li>2</li></ul>", "1\n\n2"),
        ("", ""),
    ],
)
def test_descriptions_become_text(value: str, text: str) -> None:
    assert to_text(value) == text


def test_deeply_nested_markup_does_not_break() -> None:
    assert "x" in to_text("<div>" * 5_000 + "x")


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<div><span>",
        "<b><div></b>",
        "<table><tr><td>",
        "<font><center></font>",
        "<i><blockquote></i>",
        "<section title='>'>",
        "<script>'<div>'</script><div>",
        "<!-- <div> --><nav>",
        "<br_>",
        "<div title=it's>",
        "<!--><div>",
        "<title><style></title><div>",
        "<?<style><div>",
        "</html><div>",
    ],
)
def test_no_text_is_lost_after_elements_that_nest_without_end(piece: str) -> None:
    errors = "<b>ก</i>" * 150
    tree = parse_html(f"<html><body><p>ต้น</p>{errors}{piece * 3_000}รักษาเบาหวาน<p>ท้าย</p></body></html>")
    text = element_text(tree)
    assert text.startswith("ต้น")
    assert text.split()[-2:] == ["รักษาเบาหวาน", "ท้าย"]


def test_what_follows_the_end_of_a_document_is_read() -> None:
    tree = parse_html("<html><body><p>ยินดีต้อนรับ</p></body></html><h1>ชา</h1><p>รักษาเบาหวาน</p>")
    assert element_text(tree).split() == ["ยินดีต้อนรับ", "ชา", "รักษาเบาหวาน"]


def test_only_tags_that_are_too_deep_are_removed() -> None:
    page = "<div>" * 3 + "<br><b>ก</b>ข</div>ค</div><p>ง</p></div><i>จ</i>"
    assert without_deepest_tags(page, 4) == page
    assert without_deepest_tags(page, 3) == "<div><div><div><br>กข</div>ค</div><p>ง</p></div><i>จ</i>"
    assert without_deepest_tags(page, 2) == "<div><div> <br>กข ค</div><p>ง</p></div><i>จ</i>"


@pytest.mark.parametrize(
    "piece",
    ["<a", "<!--", "<div '", "<b '\">", '<a ">" ', "<script>", "</div>", "<b><div></b>", "<div></b>"],
)
def test_tags_are_removed_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, lambda text: without_deepest_tags(text, 100), 4_000) < LINEAR


def test_pictures_of_a_description() -> None:
    text = (
        "<p>ก<img src='//a.example/1.jpg'><IMG data-src=https://a.example/2.jpg><img src='data:x'><img></p>"
    )
    assert pictures_in(text * 2) == ["https://a.example/1.jpg", "https://a.example/2.jpg"]
    assert pictures_in("ไม่มีรูป <b>") == []
