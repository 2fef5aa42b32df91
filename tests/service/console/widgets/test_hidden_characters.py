import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from service.console.widgets.hidden_characters import count_hidden, with_hidden_shown


@given(st.text(st.sampled_from("รักษา\u200b\u200d\u202e\u00ad\ufeff\u3164 \n\t\r<&\"'a"), max_size=40))
def test_the_markup_holds_the_same_text(text: str) -> None:
    markup = with_hidden_shown(text)
    # A browser turns a bare carriage return into a line feed, but keeps a character reference.
    assert "\r" not in markup
    assert unescape(re.sub("<[^>]*>", "", markup)) == text
    assert markup.count("hidden-char") == count_hidden(text)


def test_a_hidden_character_is_named() -> None:
    markup = with_hidden_shown("รัก\u200bษา")
    assert 'data-code="ZWSP" title="U+200B ZERO WIDTH SPACE"' in markup
    assert count_hidden("รักษา เบาหวาน\n7 วัน\t") == 0
