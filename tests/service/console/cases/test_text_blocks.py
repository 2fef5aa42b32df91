from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.console.cases.text_blocks import BUDGET, Block, blocks_of, opened
from service.console.widgets.highlight import Mark

PLAIN = "แคปซูลบรรจุ 30 เม็ด ส่งฟรีทั่วประเทศ\n"


def long_text(claims: int, plain: int) -> tuple[str, list[Mark]]:
    """Return claims with different words, each followed by plain lines."""
    lines, marks, at = [], [], 0
    for number in range(claims):
        words = f"รักษาโรคที่ {number} หายขาด"
        marks.append(Mark(at, at + len(words), "label-1", "โรค", f"claim-{number + 1}", str(number + 1)))
        part = words + "\n" + "".join(f"{number}-{line} {PLAIN}" for line in range(plain))
        lines.append(part)
        at += len(part)
    return "".join(lines), marks


def shown(blocks: list[Block], text: str) -> str:
    return "".join(text[block.start : block.end] for block in blocks if not block.folded)


@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 40_000))
def test_the_blocks_cover_the_text_and_their_segments_are_its_words(
    claims: int, plain: int, end: int
) -> None:
    text, marks = long_text(claims, plain)
    text = text[:end]
    for blocks in (blocks_of(text, marks), opened(text, marks, 0, len(text)) or [Block(0, len(text))]):
        assert blocks[0].start == 0
        assert blocks[-1].end == len(text)
        assert all(one.end == two.start for one, two in pairwise(blocks))
        for block in blocks:
            if block.segments:
                assert "".join(piece.text for piece in block.segments) == text[block.start : block.end]


def test_lines_without_a_claim_are_folded_except_beside_one() -> None:
    text, marks = long_text(20, 30)
    blocks = blocks_of(text, marks)
    seen = shown(blocks, text)
    assert all(f"รักษาโรคที่ {number} หายขาด" in seen for number in range(20))
    assert "3-0 " in seen
    assert "3-15 " not in seen
    assert sum(block.marks for block in blocks if block.folded) == 0


def test_what_is_shown_already_is_folded_as_a_repetition() -> None:
    once, marks = long_text(5, 1)
    text = once * 100
    repeated = [
        Mark(
            mark.start + len(once) * turn,
            mark.end + len(once) * turn,
            mark.style,
            "โรค",
            mark.anchor,
            mark.number,
        )
        for turn in range(100)
        for mark in marks
    ]
    blocks = blocks_of(text, repeated)
    assert [block.folded for block in blocks] == [False, True]
    assert blocks[1].repeats
    assert blocks[1].marks == 495


def test_a_text_full_of_claims_opens_part_by_part() -> None:
    text, marks = long_text(3_000, 0)
    blocks = blocks_of(text, marks)
    assert len(shown(blocks, text)) <= BUDGET
    at, steps = next(block.start for block in blocks if block.folded), 0
    while at < len(text):
        part = opened(text, marks, at, len(text))
        assert not part[0].folded
        at, steps = part[0].end, steps + 1
    assert steps == -(-(len(text) - len(shown(blocks, text))) // BUDGET)


def test_a_claim_over_the_whole_of_a_long_text_is_shown_in_its_parts() -> None:
    text = PLAIN * 3_000
    blocks = blocks_of(text, [Mark(0, len(text), "label-1", "โรค", "claim-1", "1")])
    assert shown(blocks, text)
    later = opened(text, [Mark(0, len(text), "label-1", "โรค", "claim-1", "1")], 20_000, 60_000)
    assert later[0].segments[0].marks
