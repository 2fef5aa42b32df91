"""From a listing to its assessment, on a tiny model whose answers are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.classifier import MAX_CHARACTERS, Classifier
from labels.schema import Contact, LicenceCheck, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

ILLEGAL = "แคปซูล รักษามะเร็ง 590 บาท"


def listing(text: str, listing_id: str = "1") -> Listing:
    return Listing(id=listing_id, description=text)


def test_a_cure_is_prohibited_with_its_words_and_the_law(classifier: Classifier) -> None:
    (found,) = classifier.classify([listing(ILLEGAL)])
    assert (found.verdict, found.product_class) == (Verdict.PROHIBITED, ProductClass.FOOD_SUPPLEMENT)
    (claim,) = found.claims
    assert (claim.text, claim.label) == ("รักษามะเร็ง", ClaimLabel.DISEASE)
    assert claim.law
    assert found.risk > 0.9
    assert found.model == classifier.model_id


def test_a_plain_offer_is_clear_and_chat_is_no_ad(classifier: Classifier) -> None:
    clear, chat = classifier.classify([listing("ครีม 100 บาท"), listing("วันนี้ฝนตก")])
    assert (clear.verdict, clear.offer) == (Verdict.CLEAR, True)
    assert (chat.verdict, chat.offer, chat.claims) == (Verdict.NOT_AN_AD, False, [])


def test_the_record_says_that_it_is_an_offer_before_the_words_do(classifier: Classifier) -> None:
    bare = listing("วันนี้ฝนตก")
    for offered in (bare.as_offered(), bare.model_copy(update={"price": "390"})):
        (found,) = classifier.classify([offered])
        assert (found.verdict, found.offer, found.offer_probability) == (Verdict.CLEAR, True, 1.0)
    assert classifier.classify([bare])[0].verdict is Verdict.NOT_AN_AD


def test_an_offer_by_record_is_no_less_risky_than_the_same_words_alone(classifier: Classifier) -> None:
    bare = listing("วันนี้ฝนตก รักษามะเร็ง")
    (alone,), (offered,) = classifier.classify([bare]), classifier.classify([bare.as_offered()])
    assert offered.risk >= alone.risk
    assert [claim.text for claim in offered.claims] == ["รักษามะเร็ง"]


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff", "\x00\x00", "\n | \n"])
def test_nothing_to_read_is_said(classifier: Classifier, text: str) -> None:
    (found,) = classifier.classify([listing(text)])
    assert (found.verdict, found.risk) == (Verdict.NOT_AN_AD, 0)
    assert [f.code for f in found.findings] == ["no_text"]


def test_no_listings_no_assessments(classifier: Classifier) -> None:
    assert classifier.classify([]) == []


def test_offsets_point_into_title_and_description(classifier: Classifier) -> None:
    item = Listing(id="1", title="แคปซูล", description="รักษามะเร็ง 590 บาท")
    (found,) = classifier.classify([item])
    (claim,) = found.claims
    assert (claim.start, "แคปซูล\nรักษามะเร็ง 590 บาท"[claim.start : claim.end]) == (7, "รักษามะเร็ง")


@pytest.mark.costly
def test_what_is_left_out_is_said(classifier: Classifier) -> None:
    filler = "บาท " * (MAX_CHARACTERS // 4)
    (found,) = classifier.classify([listing(ILLEGAL + filler + ILLEGAL)])
    assert found.truncated
    assert "text_left_out" in [f.code for f in found.findings]
    assert [c.start for c in found.claims] == [ILLEGAL.index("รักษา")]


@pytest.mark.costly
@pytest.mark.parametrize("words", ["ครีม 100 บาท", "วันนี้ฝนตก", "แคปซูล ชุ่มชื้น 100 บาท", ILLEGAL])
def test_no_text_passes_that_was_not_read_whole(classifier: Classifier, words: str) -> None:
    (alone,) = classifier.classify([listing(words)])
    (found,) = classifier.classify([listing(words + "\u200b" * MAX_CHARACTERS + ILLEGAL)])
    prohibited = alone.verdict is Verdict.PROHIBITED
    assert found.verdict is (Verdict.PROHIBITED if prohibited else Verdict.NEEDS_REVIEW)
    assert (found.truncated, found.findings[-1].code) == (True, "text_left_out")


@pytest.mark.costly
def test_an_advert_behind_nothing_is_not_let_through(classifier: Classifier) -> None:
    (found,) = classifier.classify([listing("\u200b" * MAX_CHARACTERS + ILLEGAL)])
    assert (found.verdict, found.truncated) == (Verdict.NEEDS_REVIEW, True)
    assert [f.code for f in found.findings] == ["no_text", "text_left_out"]


@pytest.mark.costly
@pytest.mark.parametrize("space", [" ", "\n", "\u3000 "])
def test_an_advert_behind_white_space_is_read(classifier: Classifier, space: str) -> None:
    padding = (space * MAX_CHARACTERS)[: MAX_CHARACTERS - 20]
    item = Listing(id="1", title="ครีม 100 บาท" + padding, description=ILLEGAL)
    (found,) = classifier.classify([item])
    assert (found.verdict, found.truncated) == (Verdict.PROHIBITED, False)
    (claim,) = found.claims
    assert item.text[claim.start : claim.end] == claim.text == "รักษามะเร็ง"


@pytest.mark.costly
def test_white_space_beyond_all_bounds_is_cut(classifier: Classifier) -> None:
    (found,) = classifier.classify([listing("ครีม 100 บาท" + " " * 3 * MAX_CHARACTERS + ILLEGAL)])
    assert (found.verdict, found.truncated) == (Verdict.NEEDS_REVIEW, True)


@pytest.mark.costly
def test_a_text_at_the_limit_is_read_whole(classifier: Classifier) -> None:
    tail = " รักษามะเร็ง"
    text = "1 บาท".ljust(MAX_CHARACTERS - len(tail)) + tail
    (found,) = classifier.classify([listing(text)])
    assert not found.truncated
    assert [c.end for c in found.claims] == [MAX_CHARACTERS]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>ขายแคปซูล<br>รักษา<b>มะเร็ง</b></p>", {"รักษา<b>มะเร็ง"}),
        ("แคปซูล<br><b>มะเร็ง</b> บาท</p>", {"มะเร็ง"}),
        ("สั่ง&nbsp;มะเร็ง&nbsp;บาท", {"มะเร็ง"}),
        ("สั่ง &#3617;&#3632;&#3648;&#3619;&#3655;&#3591; บาท", {"&#3617;&#3632;&#3648;&#3619;&#3655;&#3591;"}),
        ("สั่ง มะ<!-- -->เร็ง<i></i> บาท", {"มะ<!-- -->เร็ง"}),
        ("สั่ง ม ะ เ ร็ ง", {"ม ะ เ ร็ ง"}),
        ("สั่ง มะ\u200bเร็ง", {"มะ\u200bเร็ง"}),
        ("Buy now, only 5 dollars", set()),
        ("今すぐ買う", set()),
    ],
)
def test_html_evasion_and_other_scripts(classifier: Classifier, text: str, words: set[str]) -> None:
    (found,) = classifier.classify([listing(text)])
    assert {c.text for c in found.claims} == words


PIECES = st.sampled_from(
    [
        "รักษา",
        "มะเร็ง",
        "ม ะ เ ร็ ง",
        "เบา🔥หวาน",
        "ผอมมมม",
        "ชุ่มชื้น",
        "บาท",
        "สั่ง",
        "ครีม",
        "แคปซูล",
        "อย. 10-1-00005-5-0001",
        "เลขที่ใบอนุญาตโฆษณา ฆอ. ๑๒๓/๒๕๖๗",
        "โทร 081-234-5678",
        "\u200b",
        "่",
        "ํา",
        "😀",
        "❤️",
        "\n",
        " ",
        "é",
        "<b>",
        "<!-- -->",
        "&nbsp;",
        "&#3585;",
        "๑๒",
    ]
)
TEXTS = st.lists(PIECES | st.characters(exclude_categories=["Cs"]), max_size=30).map("".join)


@given(TEXTS)
def test_every_offset_is_its_text(classifier: Classifier, text: str) -> None:
    (found,) = classifier.classify([listing(text)])
    for claim in found.claims:
        assert text[claim.start : claim.end] == claim.text != ""
    places: list[LicenceCheck | Contact] = [*found.licences, *found.contacts]
    for place in places:
        assert 0 <= place.start < place.end <= len(text)
    assert 0 <= found.risk <= 1


@given(st.lists(TEXTS, max_size=4))
def test_the_answer_does_not_depend_on_the_others_and_order_is_kept(
    classifier: Classifier, texts: list[str]
) -> None:
    items = [listing(text, str(k)) for k, text in enumerate(texts)]
    together = classifier.classify(items)
    assert [a.id for a in together] == [item.id for item in items]
    assert together == [classifier.classify([item])[0] for item in items]


def test_half_an_emoji_does_not_stop_it(classifier: Classifier) -> None:
    (found,) = classifier.classify([listing("รักษามะเร็ง \ud83d 590 บาท")])
    assert [c.text for c in found.claims] == ["รักษามะเร็ง"]
