import pytest

from crawler.pages.plain_text import pictures_in, to_text


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


def test_pictures_of_a_description() -> None:
    text = (
        "<p>ก<img src='//a.example/1.jpg'><IMG data-src=https://a.example/2.jpg><img src='data:x'><img></p>"
    )
    assert pictures_in(text * 2) == ["https://a.example/1.jpg", "https://a.example/2.jpg"]
    assert pictures_in("ไม่มีรูป <b>") == []
