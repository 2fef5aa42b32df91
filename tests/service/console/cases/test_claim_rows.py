from hypothesis import given
from hypothesis import strategies as st

from labels.schema import Claim
from labels.taxonomy import ClaimLabel
from service.console.cases.claim_rows import numbers_in, row_numbers, rows_of

WORDS = st.lists(st.sampled_from(["หายขาด", "ลดน้ำหนัก", "รักษา"]), max_size=30)


def claims_of(words: list[str]) -> list[Claim]:
    return [
        Claim(start=9 * at, end=9 * at + 5, label=ClaimLabel.DISEASE, probability=0.9, text=text)
        for at, text in enumerate(words)
    ]


@given(
    WORDS,
    st.dictionaries(st.integers(0, 29), st.sampled_from(["confirm", "reject"])),
    st.lists(st.integers(1, 30), max_size=3),
    st.integers(1, 8),
)
def test_every_claim_is_in_one_row_with_its_own_answer(
    words: list[str], chosen: dict[int, str], split: list[int], shown: int
) -> None:
    claims = claims_of(words)
    rows = rows_of(claims, chosen, split, shown)
    assert sorted(number for row in rows for number in row.numbers) == [*range(1, len(claims) + 1)]
    for row in rows:
        assert {chosen.get(number - 1, "") for number in row.numbers} == {row.choice}
        assert [row.number, *numbers_in(row.others, 100)] == list(row.numbers)
        assert row.is_rest or len({claims[number - 1].text for number in row.numbers}) == 1
    assert len([row for row in rows if not row.is_rest]) <= shown
    assert row_numbers(rows).keys() == set(range(1, len(claims) + 1))


def test_the_same_words_are_one_row_until_it_is_split() -> None:
    claims = claims_of(["หายขาด", "รักษา", "หายขาด", "หายขาด"])
    first, second = rows_of(claims, {})
    assert (first.numbers, first.others, first.spans) == ((1, 3, 4), "3-4", "0:5,18:23,27:32")
    assert second.numbers == (2,)
    assert len(rows_of(claims, {}, split=[1])) == 4
    assert len(rows_of(claims, {2: "reject"})) == 4


def test_numbers_that_no_page_sends_are_ignored() -> None:
    for sent in ("x", "1-2-3x", "-1", "1,", "9" * 12, "1-99999999"):
        assert len(numbers_in(sent, 50)) <= 50
    assert numbers_in("x,2", 50) == []
