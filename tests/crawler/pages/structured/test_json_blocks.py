import pytest

from crawler.pages.structured.json_blocks import json_ld, parse_tolerantly
from tests.helpers.growth import LINEAR, growth

GOOD = {"@type": "Product", "name": "x", "description": "a\nb"}


@pytest.mark.parametrize(
    "block",
    [
        '{"@type": "Product", "name": "x", "description": "a\\nb"}',
        '{"@type": "Product", "name": "x", "description": "a\nb"}',
        '{"@type": "Product", "name": "x", "description": "a\\nb",}',
        '<!-- {"@type": "Product", "name": "x", "description": "a\\nb"} -->',
        '//<![CDATA[\n{"@type": "Product", "name": "x", "description": "a\\nb"}\n//]]>',
        '{"@type": "Product", /* the\nname */ "name": "x", // it\n "description": "a\\nb"};',
        "{&quot;@type&quot;: &quot;Product&quot;, &quot;name&quot;: &quot;x&quot;, "
        "&quot;description&quot;: &quot;a\\nb&quot;}",
    ],
)
def test_usual_damage_is_repaired(block: str) -> None:
    assert parse_tolerantly(block) == [GOOD]


def test_comment_marks_inside_strings_stay() -> None:
    assert parse_tolerantly('{"url": "https://a.example/x", "d": "1 /* 2 */ ,]",}') == [
        {"url": "https://a.example/x", "d": "1 /* 2 */ ,]"}
    ]


def test_several_documents_in_one_block() -> None:
    assert parse_tolerantly('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]


def test_a_bad_escape_is_kept_as_written() -> None:
    assert parse_tolerantly(r'{"d": "5\% \u0e01"}') == [{"d": "5\\% ก"}]


def test_what_cannot_be_parsed_is_salvaged_field_by_field() -> None:
    (found,) = parse_tolerantly(
        '{"@type": "Product", "name": "a "b" c", "description": "d", "offers": {"price": 5'
    )
    assert found == {"@type": "Product", "name": 'a "b" c', "description": "d", "offers": {"price": "5"}}


@pytest.mark.parametrize("block", ["", "not json", "[" * 100_000, '{"@type": "Article", "name": "x'])
def test_what_is_beyond_repair_is_left_out(block: str) -> None:
    assert parse_tolerantly(block) == []


PRODUCT = '{"@type": "Product", '


@pytest.mark.costly
@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        ("", '"name": "', "x"),
        ('"name": "x', '", ', "x"),
        ('"name":', " ", "x"),
        ('"name": "a" ', "/*", ""),
        ("-->", " ", "x"),
    ],
    ids=["names", "ends", "spaces", "comments", "wrapping"],
)
def test_the_work_on_a_block_is_linear(start: str, unit: str, end: str) -> None:
    # Quadratic with a pattern that tries each start up to the end of the block.
    def block(size: int) -> str:
        return PRODUCT + start + unit * (size // len(unit)) + end

    assert growth(block, parse_tolerantly, 200_000) < LINEAR


def test_a_page_of_script_tags_without_an_end_is_read_through_once() -> None:
    assert json_ld("<script type=" * 60_000) == []
    assert growth("<script type=".__mul__, json_ld, 16_000) < LINEAR
    assert growth(lambda n: "<script " + "type=application/ld+json " * n, json_ld, 8_000) < LINEAR


def test_a_number_is_salvaged_behind_a_string_without_end() -> None:
    (found,) = parse_tolerantly(PRODUCT + '"name": "a", "sku": "b" "price": "c "price": 5 "x')
    assert found == {
        "@type": "Product",
        "name": "a",
        "offers": {"price": "5"},
    }


def test_other_scripts_are_not_read_and_a_bad_block_does_not_cost_the_next() -> None:
    page = (
        '<script>{"a": 1}</script><script type=application/ld+json>{{{</script>'
        '<SCRIPT id="s" TYPE="application/ld+json" class="y">{"b": 2}</SCRIPT >'
        '<script type="application/ld+json">{"c": 3}'
    )
    assert json_ld(page) == [{"b": 2}, {"c": 3}]
