import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.console.widgets.differences import MAX_CHARACTERS, Kind, differences, is_cut

HERE = "แคปซูลสมุนไพร ช่วยรักษาเบาหวาน ราคา 590 บาท ส่งฟรี"


def test_a_changed_word_is_marked_as_a_whole() -> None:
    pieces = differences(HERE, HERE.replace("เบาหวาน", "มะเร็ง").replace("590", "690"))
    changed = [
        (piece.kind, piece.text) for piece in pieces if piece.kind in (Kind.ONLY_HERE, Kind.ONLY_THERE)
    ]
    assert changed == [
        (Kind.ONLY_HERE, "เบาหวาน"),
        (Kind.ONLY_THERE, "มะเร็ง"),
        (Kind.ONLY_HERE, "590"),
        (Kind.ONLY_THERE, "690"),
    ]


@pytest.mark.parametrize("text", [HERE, "", "ก"])
def test_equal_texts_have_no_differences(text: str) -> None:
    assert {piece.kind for piece in differences(text, text)} <= {Kind.BOTH, Kind.LEFT_OUT}


def test_long_runs_that_both_share_are_shortened() -> None:
    long = HERE * 20
    pieces = differences(long + "ก่อน", long + "หลัง")
    assert [piece.kind for piece in pieces] == [Kind.LEFT_OUT, Kind.BOTH, Kind.ONLY_HERE, Kind.ONLY_THERE]
    assert len(pieces[1].text) == 40


@given(st.text("กขาิ 1ab", max_size=40), st.text("กขาิ 1ab", max_size=40))
def test_the_pieces_give_back_both_texts(here: str, there: str) -> None:
    pieces = differences(here, there)
    kept = [piece for piece in pieces if piece.kind is not Kind.LEFT_OUT]
    if len(kept) == len(pieces):
        assert "".join(p.text for p in kept if p.kind is not Kind.ONLY_HERE) == there
        assert "".join(p.text for p in kept if p.kind is not Kind.ONLY_THERE) == here


def test_only_the_beginning_of_a_long_text_is_compared() -> None:
    long = "ก ข " * 50_000
    assert sum(len(piece.text) for piece in differences("", long)) == MAX_CHARACTERS
    assert is_cut(long, "")
    assert not is_cut(HERE, HERE)
