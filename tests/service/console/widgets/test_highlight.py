import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from labels.schema import Assessment, Claim
from labels.taxonomy import LABELS, ProductClass, Verdict
from service.console.cases.claim_rows import rows_of
from service.console.cases.marking import marks_of
from service.console.cases.text_blocks import Block
from service.console.web import environment
from service.console.widgets.highlight import Mark, Segment, segments
from tests.helpers.growth import LINEAR, growth

HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</div>",
        "&lt;b&gt;",
        "' onx='",
        "{{7*7}}",
    ]
)
THAI = st.text(st.sampled_from("กขคงรักษาหายขาด่้๊ำะเแ \u200b🙂\n<>&\"'"), max_size=12)
TEXTS = st.lists(st.one_of(THAI, HOSTILE, st.text(max_size=6)), max_size=8).map("".join)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(TEXTS)
    edges = st.integers(0, len(text) + 3)
    spans = draw(st.lists(st.tuples(edges, edges), max_size=8))
    marks = [
        Mark(min(a, b), max(a, b), f"label-{i % 3 + 1}", f"note {i} {text[:9]}", f"claim-{i + 1}", str(i + 1))
        for i, (a, b) in enumerate(spans)
    ]
    return text, marks


@given(marked_texts())
def test_the_segments_joined_are_the_text(sample: tuple[str, list[Mark]]) -> None:
    text, marks = sample
    assert "".join(segment.text for segment in segments(text, marks)) == text


@given(marked_texts())
def test_each_character_carries_exactly_the_marks_over_it(sample: tuple[str, list[Mark]]) -> None:
    text, marks = sample
    position = 0
    for segment in segments(text, marks):
        assert segment.text
        for _ in segment.text:
            over = {mark.number for mark in marks if mark.start <= position < mark.end}
            assert {mark.number for mark in segment.marks} == over
            position += 1


@given(marked_texts())
def test_a_mark_leads_the_segment_where_it_starts(sample: tuple[str, list[Mark]]) -> None:
    text, marks = sample
    position = 0
    for segment in segments(text, marks):
        starting = [mark.number for mark in marks if mark.start == position and mark.end > position]
        assert segment.begins == bool(starting)
        if starting:
            assert segment.first.number == starting[0]
        position += len(segment.text)


def rendered(text: str, marks: list[Mark]) -> str:
    """Render the segments with the case page's own template."""
    block = Block(0, len(text), tuple(segments(text, marks)))
    return environment().get_template("case_text.html").render(blocks=[block], listing=None)


@given(marked_texts())
@settings(max_examples=60, deadline=None)
def test_no_markup_of_the_text_survives(sample: tuple[str, list[Mark]]) -> None:
    text, marks = sample
    markup = rendered(text, marks)
    ours = re.compile(
        r'<a class="mark [\w-]+" href="#[\w-]+" data-note="[^"<>]*"'
        r'(?: aria-describedby="[\w-]+"(?: data-number="\d+")?| tabindex="-1")>|</a>'
        r'|<span class="mark [\w-]+">|<span class="block" data-start="0">'
        r'|<span class="hidden-char" data-code="[\w+]+" title="[^"<>]*">'
        r'|<span class="also [\w-]+ depth-\d">|</span>'
    )
    bare = ours.sub("", markup)
    assert "<" not in bare
    assert ">" not in bare
    assert unescape(bare) == unescape(text.replace("&", "&amp;"))


def test_overlapping_labels_split_into_three_runs() -> None:
    text = "รักษาเบาหวานหายขาด"
    both = [Mark(0, 18, "label-1", "โรค", "claim-1", "1"), Mark(12, 18, "label-5", "เกินจริง", "claim-2", "2")]
    assert segments(text, both) == [
        Segment("รักษาเบาหวาน", (both[0],), True),
        Segment("หายขาด", (both[1], both[0]), True),
    ]
    assert segments(text, both)[1].styles == ["label-5", "label-1"]
    assert segments(text, both)[1].note == "เกินจริง\nโรค"


def test_many_notes_are_counted() -> None:
    marks = [Mark(0, 3, "label-1", f"note {number}", "", "") for number in range(10)]
    assert segments("abc", marks)[0].note.splitlines()[-1] == "และอีก 4 รายการ"


def test_the_work_on_overlapping_claims_is_linear_up_to_five_hundred_on_the_longest_text() -> None:
    def long(count: int) -> tuple[str, list[Mark]]:
        text = "ยารักษา<b>" * (40 * count)
        claims = [
            Claim(
                start=i * 100,
                end=min(len(text), i * 100 + 120 * count),
                label=LABELS[i % 10],
                probability=0.9,
                text="x",
            )
            for i in range(count)
        ]
        assessment = Assessment(
            id="long",
            verdict=Verdict.PROHIBITED,
            risk=1,
            product_class=ProductClass.DRUG,
            product_class_probability=1,
            offer=True,
            offer_probability=1,
            claims=claims,
            model="by hand",
        )
        return text, marks_of(text, assessment, rows_of(assessment.claims, {}), ())

    assert len(long(500)[0]) == 200_000
    assert len(rendered(*long(500))) < 4_000_000
    assert growth(long, lambda given: rendered(*given), 500) < LINEAR
