import html
from itertools import product

import pytest

from crawler.pages.plain_text import element_text, open_fallbacks, parse_html, pictures_in, to_text
from crawler.pages.tags.attributes import MOST, READ, without_excess_attributes
from crawler.pages.tags.body_start import with_body
from crawler.pages.tags.depth import without_deepest_tags
from crawler.pages.tags.document_end import without_document_ends
from crawler.pages.tags.scopes import with_browsers_scopes
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth


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


@pytest.mark.costly
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


def test_what_looks_like_the_end_of_a_document_in_a_tag_takes_no_text_with_it() -> None:
    def read(end: str) -> None:
        page = f"<html><body><p>ต้น</p>{end}รักษา<img alt='x'>เบาหวาน<!-- ก --></body></html><!-- ข -->"
        assert "".join(element_text(parse_html(page)).split()) == "ต้นรักษาเบาหวาน"

    ends = (
        "<a x </body>",
        "<a title='</body '>",
        "</body </html>",
        "</html </body>",
        "</body x='>'>",
        "</BODY\n>",
    )
    every(((end,) for end in ends), read)


def test_the_end_of_a_document_is_found_behind_what_only_seems_to_hide_it() -> None:
    def read(piece: str) -> None:
        page = f"<html><body><p>ต้น</p>{piece}</body></html><p>รักษาเบาหวาน</p>"
        assert element_text(parse_html(page)).split() == ["ต้น", "รักษาเบาหวาน"]

    pieces = (
        "<svg><style></svg>", "<svg><title></svg>", "<svg><script/></svg>", "<math><title></math>",
        "<noscript><style></noscript>", "<noscript><title></noscript>", "<noscript><!--</noscript>",
        "<noscript></body></noscript>", "<script/></html></script>", "<style x='>'/></html></style>", "<script></\u017fcript><textarea></script>", "<style></\u017ftyle><title></style>",
    )  # fmt: skip
    every(((piece,) for piece in pieces), read)


@pytest.mark.parametrize("space", ["\xa0", "\x0b", "\x85", "\u2003", "\u3000"])
def test_only_the_white_space_of_html_ends_a_name(space: str) -> None:
    def read(piece: str) -> None:
        page = f"<html><body>{piece}<p>ต้น</p></body></html><p>รักษาเบาหวาน</p>"
        assert "รักษาเบาหวาน" in element_text(parse_html(page)).split()

    pieces = (
        "<textarea{}>",
        "<title{}>",
        "<script{}>",
        '<a{}x=">',
        '<p x={}">',
        "<style></style{}><title></style>",
    )
    every(((piece.format(space),) for piece in pieces), read)


def test_a_comment_behind_the_end_of_a_document_is_no_text() -> None:
    assert without_document_ends("<p>ก</p></body><!-- a-b -- c --> </html>\n") == "<p>ก</p>"
    assert without_document_ends("<p>ก</p></body><!--> ข --></html>") == "<p>ก</p><!--> ข -->"


def test_what_a_head_that_is_not_ended_cannot_hold_is_read() -> None:
    def read(piece: str) -> None:
        text = "<h1>ชา</h1><p>รักษาเบาหวาน</p>"
        tree = parse_html(f"<html><head><title>ก</title>{piece.format(text)}")
        assert element_text(tree).split() == ["ชา", "รักษาเบาหวาน"]

    names = ("section", "main", "nav", "marquee", "td", "details", "x-shop", "svg", "button", "video")
    every(((f"<{name}>{{}}</{name}>",) for name in names), read)
    unseen = (
        "<noscript><section>ก</noscript>", "<template><section>ก</section></template>", "</template>", "<style></style>",
        "<!-- <section> -->", "</noscript>", "<script>'<section>'</script>", "</head><link>", "<noscript><img></noscript>",
    )  # fmt: skip
    every(((f"{piece}<section>{{}}</section>",) for piece in unseen), read)


def test_a_body_that_begins_late_keeps_its_attributes() -> None:
    for page in ("<section></section></head><body id=a>", "<link><body id=a><section></section>"):
        assert [x.get("id") for x in parse_html(f"<head>{page}<p>ชา</p>").iter("body")] == ["a"]
    for piece in ("<p>ก</p>", "<template><body hidden></template>"):
        tree = parse_html(f"<head><section></section>{piece}<p>ชา</p>")
        assert [dict(x.attrib) for x in tree.iter("body")] == [{}]
    page = "<head></head><body><p>ชา</p>"
    assert with_body(page) is page


@pytest.mark.parametrize("piece", ["<template>", "<noscript>", "<link ", "<a><template></template>"])
def test_the_start_of_the_body_is_found_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, with_body, 2_000) < LINEAR


SHOWN_AFTER = (
    "<noscript><style></noscript>", "<noscript><div></noscript>", "<noscript><a title='</noscript>",
    "<noscript><!--</noscript>", "<noscript></div><div hidden></noscript>", "<svg><style></svg>",
    "<svg><title></svg>", "<svg><title/><style></svg>", "<svg><script></svg>", "<svg><textarea></svg>", "<svg><p>",
    "<svg><td></svg>", "<svg></p><style></style>", "<svg></br>", "<svg><desc><style></style></svg>",
    "<svg><desc><tr></desc>", "<svg><font color=red><style></style>", "<svg><font><style></svg>",
    "<svg><a title='</svg>'><style></svg>", "<svg b' c=\"'></svg>\"><style></svg>", "<svg a=b/><style></svg>",
    "<!-- <svg> --><svg><style></svg>", "<svg><!-- </svg> --><style></svg>", "<svg><defs><![CDATA[</svg>]]>",
    "<svg><defs><![CDATA[ ><div hidden></svg> ]]></svg>", "<script>'<svg>'</script><style></style>",
    "<script><!--<script></script><textarea>--></script><svg><style></svg>", "<SVG><STYLE></SVG>",
    "<svg><foreignObject><div></svg>", "<math><style></math>", "<math><mi><style></mi></style></math>",
    "<math><annotation-xml encoding='text/html'><style></style></annotation-xml></math>", "<math><template>",
    "<math><noscript><svg><title>", "<math><annotation-xml><svg><style></svg>", "<template><div></template>",
    "<template><svg><style></template></svg>", "<button><div></button>", "<button><table><tr><td></button>",
    "<object><div></object>", "<object>", "<select><div></select>", "<select><i><select>", "<select><div><input>",
    "<select><option>ก<input>", "<select><option>ก<textarea></textarea>", "<table><tr><td><select><td></table>",
    "<table><tr><td><button>ก<div>ก<tr></table>", "<table><button>ก<td><table><tr><th><object data=a><th></table></table>",
    "<table><caption><svg><desc><button><tbody></table>", "<table><tr><td><template><tr><p>ก</template></table>",
    "<button>ซื้อ<button>ซื้อ</button>", "<button><i/>ซื้อ<button>ซื้อ</button>",
)  # fmt: skip
"""HTML after which Chromium 156 shows the rest of a page (``innerText``)."""
UNSEEN = (
    "<noscript>{}</noscript>", "<noscript><div>{}</div></noscript>", "<svg><title>{}</title></svg>",
    "<svg><desc>{}</desc></svg>", "<svg><style>{}</style></svg>", "<template><p>{}</p></template>",
    "<button><div>{}</div></button>", "<select><option>{}</select>", "<template shadowrootmode>{}</template>",
    "<svg><foreignObject></foreignObject><desc>{}</desc></svg>", "<svg><foreignObject><svg><desc>{}</svg></svg>",
    "<noframes>{}</noframes>", "<noframes/><div><p>{}</noframes>", "<noembed><p title='</p>'>{}</noembed>", "<rp>{}</rp>",
    "<video><b>{}</b><source></video>", "<audio>{}</audio>", "<canvas style='display:block'>{}</canvas>",
    "<datalist id=a><option>ก<option>{}</datalist>", "<math><annotation>{}</annotation></math>",
)  # fmt: skip


def test_what_browsers_show_after_unseen_elements_is_read() -> None:
    def read(piece: str) -> None:
        page = f"<html><body><p>ต้น</p>{piece}<h2>ชา</h2><p>รักษาเบาหวาน</p></body></html>"
        assert element_text(parse_html(page)).split() == ["ต้น", "ชา", "รักษาเบาหวาน"]

    every(((piece,) for piece in SHOWN_AFTER), read)


def test_what_browsers_show_in_elements_that_end_early_is_read() -> None:
    def read(piece: str) -> None:
        assert "รักษาเบาหวาน" in element_text(parse_html(f"<p>ต้น</p>{piece.format('รักษาเบาหวาน')}<p>ท้าย</p>"))

    ends = (
        "<noscript><p title='</noscript>{}'></p></noscript>", "<select><option>ก</option><input>{}</select>",
        "<select><option>ก<textarea></textarea>{}</select>", "<table><select>ก<td>{}</table>",
        *(f"<table><tr><td><{name}>ก<td>{{}}</table>" for name in ("button", "select", "canvas")),
        "<noframes><div></noframes>{}", "<noembed><!--</noembed>{}", "<p><datalist>ก<p>{}", "<ruby><rp>ก<rt>{}</ruby>",
        "<a href=1><video>ก<a href=2>{}</a>", "<span><canvas>ก</span>{}", "<audio><b>ก</audio>{}", "<annotation>{}</annotation>",
        "<datalist style='display:block'>{}</datalist>", "<rp style='display:inline'>{}</rp>", "<rp style='all:unset'>{}</rp>",
        "<noframes style='display:block'>{}</noframes>", "<noembed style='display:block'>{}</noembed>",
        *(f"<h2><{name}></h3>{{}}</h2>" for name in ("audio", "canvas", "video", "datalist")),
        "<canvas>ก</canvas><h2><canvas></h3>{}</canvas></h2>", "<h2><canvas a='>'><b>ก</b></h3>{}</h2>",
        "<p><canvas></p>{}</canvas>", "<h2><math><annotation></h3>{}</annotation></math></h2>",
        *(f"<table><tr><td><button><b><div>ก<{name}>{{}}</table>" for name in ("tr", "tbody", "caption")),
    )  # fmt: skip
    every(((piece,) for piece in ends), read)


def test_unseen_elements_remain_unseen() -> None:
    def read(piece: str) -> None:
        assert element_text(parse_html(f"<p>ต้น</p>{piece.format('คำ')}<p>ท้าย</p>")).split() == ["ต้น", "ท้าย"]

    every(((piece,) for piece in UNSEEN), read)


def test_words_of_drawings_objects_and_long_buttons_are_read() -> None:
    words = "รักษาเบาหวานให้หายขาด " * 5
    for piece in ("<svg><g><text>{}</text></g></svg>", "<object>{}</object>", "<button><p>{}</p></button>"):
        assert words.strip() in element_text(parse_html(f"<p>ต้น</p>{piece.format(words)}<p>ท้าย</p>"))


def test_words_in_shadow_trees_frames_and_html_of_drawings_are_read() -> None:
    def read(piece: str, words: str = "รักษาเบาหวาน") -> None:
        tree = parse_html(f"<p>ต้น</p>{piece.format(words)}<p>ท้าย</p>")
        assert element_text(tree).split() == ["ต้น", words, "ท้าย"]

    pieces = (
        "<div><template shadowrootmode=Open><p>{}</p></template></div>", "<object data=404.png>{}</object>",
        "<iframe srcdoc='&lt;p>{}&lt;/p>'>ก</iframe>", "<iframe srcdoc='<section>{}'></iframe>", "<iframe srcdoc=' '></iframe>{}",
        "<iframe srcdoc='<template shadowrootmode=open>{}</template>'></iframe>", "<iframe srcdoc='<frameset>'></iframe>{}",
        "<svg><foreignObject><desc>{}</desc></foreignObject></svg>", "<svg><svg><foreignObject><metadata>{}</svg></svg>",
    )  # fmt: skip
    every(((piece,) for piece in pieces), read)


@pytest.mark.parametrize(
    "piece", ["<canvas>", "<rp a='", "<video><b>", "<rp>ก</rp>", "<rp><b>ก</b>", "<canvas a='<rp b=\""]
)
def test_fallbacks_are_read_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, open_fallbacks, 2_000) < LINEAR


def test_frames_in_frames_are_read_to_a_limit() -> None:
    def nested(times: int) -> str:
        text = "<p>รักษาเบาหวาน</p>"
        for _ in range(times):
            text = f'<iframe srcdoc="{html.escape(text)}"></iframe>'
        return text

    assert element_text(parse_html(nested(4))) == "รักษาเบาหวาน"
    assert element_text(parse_html(nested(40))) == ""


def test_words_that_browsers_show_in_drawings_and_buttons_are_read() -> None:
    pieces = (
        "<svg><text><![CDATA[<b>&lt;]]></text></svg>", "<button><p><xmp><b>&lt;</xmp></p></button>",
        "<object data><p><xmp><b>&lt;</xmp></p></object>",
    )  # fmt: skip
    for piece in pieces:
        assert element_text(parse_html(f"<p>ต้น</p>{piece}<p>ท้าย</p>")).split() == ["ต้น", "<b>&lt;", "ท้าย"]


def test_a_slash_does_not_end_an_element_in_an_unseen_one() -> None:
    def read(name: str, piece: str) -> None:
        tree = parse_html(f"<body><div id=a><{name}>{piece}</{name}><p>ชา</p></div><i>ก</i></body>")
        assert [x.tag for x in tree.get_element_by_id("a")] == [name, "p"]

    pieces = ("<div/>", "<div class=b />ซื้อ", "<div //>", "<div/></div>", "<td/><div/></div>")
    every(product(("button", "object", "select", "template"), pieces), read)
    drawn = parse_html("<div id=a><svg><foreignObject><div/></foreignObject></svg><p>ชา</p></div>")
    assert [x.tag for x in drawn.get_element_by_id("a")] == ["svg", "p"]


def test_a_button_in_a_cell_does_not_end_the_one_around_the_table() -> None:
    for around in ("<table><tr><td>{}</table>", "<object>{}</object>", "<svg><desc>{}</desc></svg>"):
        tree = parse_html(f"<button id=a>{around.format('<button>ซื้อ</button>')}<b>ชา</b></button>")
        assert [x.text for x in tree.get_element_by_id("a").iter("b")] == ["ชา"]


def test_pages_whose_elements_end_where_they_should_are_not_changed() -> None:
    link = "<noscript><div><a href='?page=2'>ต่อไป</a></div></noscript>"
    for page in (link, f"{link}<template><div></template>"):
        assert [x.get("href") for x in parse_html(page).iter("a")] == ["?page=2"]
    page = "<table><tr><td><select><option>ก</select><td><button>ซื้อ</button></table>"
    assert with_browsers_scopes(page) is page
    page = "<svg><title>ก</title><path d='M0'/></svg><button><div><i></i>ซื้อ</div></button><object></object>"
    assert with_browsers_scopes(page) is page


@pytest.mark.costly
@pytest.mark.parametrize(
    "piece",
    [
        "<svg>",
        "<svg><desc>",
        "<svg><p>",
        "<svg><![CDATA[]]>",
        "<svg a='<svg>'/>",
        "<noscript><p></noscript>",
        "<button><div></button>",
        "<button><div/>",
        "<table><tr><td><button>",
        "<math><mi>",
        "<script><!--<script>",
        "<script x=",
        "<script x='<script y=\"",
    ],
)
def test_elements_are_ended_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, with_browsers_scopes, 2_000) < LINEAR
    around = "<svg><desc>" * 500
    assert growth(lambda n: around + piece * n, with_browsers_scopes, 2_000) < LINEAR


def test_only_tags_that_are_too_deep_are_removed() -> None:
    closed = "<div><i/><i class=a /><b>ก</b></div>"
    assert without_deepest_tags(closed, 2) == closed
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


@pytest.mark.parametrize(
    ("begin", "end"),
    [("<div ", ">"), ("<div ", ""), ("<div x='>' ", ' y="'), ("<svg><title></svg><div ", ">")],
)
def test_a_tag_of_many_attributes_is_parsed_in_linear_time(begin: str, end: str) -> None:
    def page(size: int) -> str:
        return f"<p>ก</p>{begin}{' '.join(f'a{n}' for n in range(size))}{end}"

    assert growth(page, parse_html, 12_000) < LINEAR


@pytest.mark.parametrize("piece", ["<a/b=", "<a ", "<b '\">", "<a<b "])
def test_attributes_are_removed_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, without_excess_attributes, 8_000) < LINEAR


def test_attributes_that_are_read_are_kept_however_many_stand_before_them() -> None:
    many = " ".join(f"a{n}" for n in range(2_000))
    page = f"<img {many} src=1.jpg {' '.join(f'{name}=ก' for name in sorted(READ))} SRC=2.jpg b=c>"
    (picture,) = parse_html(page).iter("img")
    assert {name for name in picture.attrib if not name.startswith("a") or "-" in name} == READ
    assert (picture.get("src"), len(picture.attrib)) == ("1.jpg", MOST + len(READ))


def test_only_attributes_beyond_many_are_removed() -> None:
    names = [f'a{n}="<b>"' for n in range(1_000)]
    code = f"<script>a <b {' '.join(names)}</script>"
    page = f"{code}<div {' '.join(names)} id=x>ก</div><p id=y>ข</p>"
    assert without_excess_attributes(page) == f"{code}<div {' '.join(names[:MOST])} id=x>ก</div><p id=y>ข</p>"
    few = f"<div {' '.join(names[:MOST])}>ก</div>"
    assert without_excess_attributes(few) is few
    assert [x.get("a7") for x in parse_html(page).iter("div")] == ["<b>"]


def test_a_break_that_browsers_do_not_show_cuts_no_word() -> None:
    def read(piece: str, lines: list[str]) -> None:
        assert element_text(parse_html(f"<div>รัก{piece}าหวาน</div>")).split() == lines

    within = "<div style='color:red;display:inline !important'>ษาเบ</div>"
    hidden = ("<br hidden>", "<hr hidden>", "<hr style='Display: none'>", "<hr style='display:inline'>")
    shown = ("<br>", "<hr>", "<br style='display:inline'>", "<br class='hidden md:block'>")
    every(((within, ["รักษาเบาหวาน"]), *((x, ["รักาหวาน"]) for x in hidden)), read)
    every((*((x, ["รัก", "าหวาน"]) for x in shown), ("<p>ษาเบ</p>", ["รัก", "ษาเบ", "าหวาน"])), read)


@pytest.mark.parametrize("space", ["\u3000", "\u2028"])
def test_white_space_between_words_is_read_in_linear_time(space: str) -> None:
    assert growth(lambda n: f"<p>ก{space * n}ข</p>", to_text, 800) < LINEAR


def test_pictures_of_a_description() -> None:
    text = (
        "<p>ก<img src='//a.example/1.jpg'><IMG data-src=https://a.example/2.jpg><img src='data:x'><img></p>"
    )
    assert pictures_in(text * 2) == ["https://a.example/1.jpg", "https://a.example/2.jpg"]
    assert pictures_in("ไม่มีรูป <b>") == []
