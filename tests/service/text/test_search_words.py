"""How texts and queries are cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.store.index.search import Clause
from service.text.search_words import lexemes_of_text, parts_of, query_of


def test_a_compound_is_indexed_whole_and_in_parts() -> None:
    found = lexemes_of_text("แก้โรคเบาหวาน")
    assert found.parts[-3:] == ("โรค", "เบา", "หวาน")
    assert {"โรคเบาหวาน", "เบาหวาน"} <= found.words


def test_what_is_no_compound_stays_whole() -> None:
    assert [parts_of(word) for word in ("ตาราง", "รักษา", "omega")] == [("ตาราง",), ("รักษา",), ("omega",)]


def test_the_reading_is_indexed_and_the_spelling_too() -> None:
    found = lexemes_of_text("ร.ั.ก.ษ.า เบาหวาน ＯＭＥＧＡ ๓")
    assert found.parts[0] == "รักษา"
    assert {"omega", "3"} <= set(found.parts)
    assert "ร" not in found.words


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("รักษาเบาหวาน", [Clause(("รักษา",)), Clause(("เบาหวาน",))], []),
        ("ร.ั.ก.ษ.า เบาหวาน", [Clause(("รักษา",)), Clause(("เบาหวาน",))], []),
        ("ร ั ก ษ า", [Clause(("รักษา",))], []),
        ('"รักษาเบาหวาน"', [Clause((), ("รักษา", "เบา", "หวาน"))], []),
        ("“รักษาเบาหวาน”", [Clause((), ("รักษา", "เบา", "หวาน"))], []),
        ("ครีม -ฟรี", [Clause(("ครีม",))], [Clause(("ฟรี",))]),
        ('-"ส่งฟรี"', [], [Clause((), ("ส่ง", "ฟรี"))]),
        ("10-1-00000", [Clause((), ("10", "1", "00000"))], []),
        ("Shop.Example", [Clause((), ("shop", "example"))], []),
        ('"ครีม', [Clause(("ครีม",))], []),
        ("ครีม ครีม", [Clause(("ครีม",))], []),
        ('- "" %% --', [], []),
    ],
)
def test_queries(text: str, wanted: list[Clause], unwanted: list[Clause]) -> None:
    found = query_of(text)
    assert (list(found.wanted), list(found.unwanted)) == (wanted, unwanted)
    assert found.text == " ".join(text.split())


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for clause in (*query_of(text).wanted, *query_of(text).unwanted):
        assert clause.words or len(clause.phrase) > 1 or clause.phrase
        for lexeme in (*clause.words, *clause.phrase):
            assert lexeme.strip()
            assert not set(lexeme) & set("\"'\\ :*()")
    lexemes_of_text(text)
