"""HTML in a text is undone, and what only looks like HTML stays."""

import pytest
from hypothesis import given

from inference.text.markup import undo_markup, without_markup
from inference.text.offset_text import OffsetText
from inference.text.reading import LINE_SEPARATOR, read
from tests.helpers.growth import LINEAR, growth

from ..odd_texts import TEXTS

CURE = "แคปซูลสมุนไพร รักษาเบาหวานให้หายขาด ใน 7 วัน"


def references(text: str, form: str = "&#{};") -> str:
    """The text as a browser sends it in a charset without Thai letters."""
    return "".join(char if char.isascii() else form.format(ord(char)) for char in text)


@pytest.mark.parametrize(
    "written",
    [
        references(CURE),
        references(CURE, "&#{:06};"),
        references(CURE, "&#{}"),
        references(CURE, "&#x{:x};"),
        references(CURE, "&#X{:X}"),
        references(CURE).replace("&", "&amp;"),
        CURE.replace("ษา", "<!-- -->ษา").replace("หาย", "หา<!---->ย"),
        CURE.replace("ษา", '<b>ษา</b><span class="a">').replace("หาย", "หา<I\n>ย</I >"),
        CURE.replace("ษา", "&#8203;ษา&zwnj;<wbr/>"),
        CURE.replace("ษา", "&lt;b&gt;ษา&lt;/b&gt;"),
        CURE.replace(" ", "&nbsp;"),
        CURE.replace(" ", "&nbsp"),
    ],
)
def test_html_hides_no_word(written: str) -> None:
    assert read(written).text == CURE


@pytest.mark.parametrize(
    "tag", ["<br>", "<br />", "</P><p style='color: red'>", "</li>\n<li>", "<td nowrap>"]
)
def test_a_tag_of_a_block_breaks_the_line(tag: str) -> None:
    assert read(f"ผิวใส{tag}ราคา 390").text == f"ผิวใส{LINE_SEPARATOR}ราคา 390"


@pytest.mark.parametrize(
    "text",
    [
        "ราคา < 500",
        "<3 รักเลย",
        ">>> สั่งเลย <<<",
        "a<b",
        "a <b and c> d",
        "a<b และ c>d",
        "<ราคา 390>",
        "<shop>",
        "R&D, AT&T, Q&A;",
        "&unknown; &notin &#; &#x; &#12",
        "&#99999999;",
        f"&#{'0' * 5000}65;",
        # A shop that prints the text as it is shows these words.
        "<b รักษามะเร็ง>",
        "<img alt='รักษามะเร็ง'>",
        "<!-- รักษามะเร็ง -->",
    ],
)
def test_what_is_no_html_stays(text: str) -> None:
    assert without_markup(text) == text
    assert undo_markup(OffsetText(text)).text == text


def test_each_character_comes_from_its_whole_reference_or_tag() -> None:
    shown = undo_markup(OffsetText("ก&#3586;<b>ค</b><br>ง"))
    assert shown.text == "กขค\nง"
    assert list(zip(shown.starts, shown.ends, strict=True)) == [(0, 1), (1, 8), (11, 12), (16, 20), (20, 21)]


def test_a_tag_that_may_hold_a_contact_stays_if_asked() -> None:
    text = "<p><a href='https://line.me/ti/p/~shop'>ทัก</a><br/>"
    kept = "\n<a href='https://line.me/ti/p/~shop'>ทัก\n"
    assert undo_markup(OffsetText(text), keep_values=True).text == kept


@given(TEXTS)
def test_with_and_without_offsets_the_text_is_the_same(text: str) -> None:
    shown = undo_markup(OffsetText(text))
    assert without_markup(text) == shown.text
    assert all(0 <= a < b <= len(text) for a, b in zip(shown.starts, shown.ends, strict=True))


@pytest.mark.costly
@pytest.mark.parametrize(
    "pattern", ["<", "<b ", '<b "', "<b a=", "<b  ", "<!--", "<p>", "&", "&#0", "&#3585;", "&amp;", "</"]
)
def test_work_on_hostile_patterns_is_linear(pattern: str) -> None:
    assert growth(lambda size: (pattern * size)[:size], without_markup, 40_000) < LINEAR
