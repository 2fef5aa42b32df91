"""A listing with its pictures: origin, boxes, words only in a picture, and unread pictures."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from inference.pictures.assess import assess_with_pictures
from inference.pictures.errors import PictureError, ReaderMissing
from inference.pictures.ocr.layout import Line, RotatedBox
from inference.pictures.reader import PictureReader, ReadPicture
from labels.schema import Finding, Listing
from labels.taxonomy import Verdict
from ruthan import main

TEXT = "แคปซูล 590 บาท"
CLAIM = "รักษามะเร็ง"


class Shelf(PictureReader):
    """A substitute reader that knows the text of pictures by their bytes."""

    def __init__(self, **lines: Sequence[tuple[str, float]]) -> None:
        super().__init__("none:None")
        self._lines = lines

    def read(self, content: bytes) -> ReadPicture:
        lines = self._lines[content.decode()]
        return ReadPicture(
            "0" * 64,
            tuple(
                Line(text, RotatedBox(200, 30 + 60 * row, 360, 40), sure)
                for row, (text, sure) in enumerate(lines)
            ),
            "shelf 1",
        )


class Broken(PictureReader):
    def read(self, content: bytes) -> ReadPicture:
        raise ReaderMissing("apt-get install tesseract-ocr tesseract-ocr-tha")


def assess(classifier, reader, text=TEXT, *names):
    pictures = [(f"{name}.png", name.encode()) for name in names or ("a",)]
    return assess_with_pictures(classifier.classify, reader, Listing(id="1", description=text), pictures)


def test_a_claim_in_a_picture_makes_the_verdict_and_says_where_it_stands(classifier):
    found = assess(classifier, Shelf(a=[("แคปซูล บาท", 0.95), (CLAIM, 0.95)]))
    assert found.verdict is Verdict.PROHIBITED
    assert found.claims == []
    (claim,) = found.pictures[0].claims
    assert (claim.text, claim.label) == (CLAIM, "disease_claim")
    assert claim.boxes == [(20, 70, 360, 40)]
    assert claim.law
    (only,) = [finding for finding in found.findings if finding.code == "only_in_picture"]
    assert CLAIM in only.thai
    assert CLAIM in only.english
    assert all(finding.start is None for finding in found.findings if finding.code == "disease_claim")


def test_offsets_of_the_text_are_those_without_pictures(classifier):
    text = f"{TEXT} {CLAIM}"
    (alone,) = classifier.classify([Listing(id="1", description=text)])
    found = assess(classifier, Shelf(a=[("แคปซูล", 0.9)]), text)
    assert [(c.start, c.end, c.text) for c in found.claims] == [
        (c.start, c.end, c.text) for c in alone.claims
    ]
    assert not any(finding.code == "only_in_picture" for finding in found.findings)


def test_prohibited_words_that_were_read_with_doubt_are_for_a_person(classifier):
    found = assess(classifier, Shelf(a=[("แคปซูล บาท", 0.95), (CLAIM, 0.55)]))
    assert found.verdict is Verdict.NEEDS_REVIEW
    assert "picture_read_unsurely" in {finding.code for finding in found.findings}
    sure = assess(classifier, Shelf(a=[("แคปซูล บาท", 0.95), (CLAIM, 1.0)])).pictures[0].claims[0]
    assert found.pictures[0].claims[0].probability < sure.probability


def test_words_that_cannot_be_read_are_shown_and_flag_nothing(classifier):
    (alone,) = classifier.classify([Listing(id="1", description=TEXT)])
    found = assess(classifier, Shelf(a=[(CLAIM, 0.4), ("รฺกษฺามเรฺงฺ", 0.95)]))
    assert (found.verdict, found.risk) == (alone.verdict, alone.risk)
    assert [line.text for line in found.pictures[0].lines] == [CLAIM, "รฺกษฺามเรฺงฺ"]
    assert found.pictures[0].claims == []


def test_offsets_in_a_picture_count_the_lines_that_cannot_be_read(classifier):
    found = assess(classifier, Shelf(a=[("แคปซูล", 0.2), (CLAIM, 0.95)]))
    (claim,) = found.pictures[0].claims
    lines = "\n".join(line.text for line in found.pictures[0].lines)
    assert lines[claim.start : claim.end] == claim.text == CLAIM
    assert claim.boxes == [(20, 70, 360, 40)]


@pytest.mark.parametrize(("confidence", "verdict"), [(0.95, Verdict.NEEDS_REVIEW), (0.55, Verdict.CLEAR)])
def test_a_risk_without_a_claim_counts_like_that_of_text_if_the_words_are_sure(
    classifier, confidence, verdict
):
    (clear,) = classifier.classify([Listing(id="1", description=TEXT)])
    vague = Finding(code="no_span", thai="เสี่ยง", english="risky")
    flagged = {"verdict": Verdict.NEEDS_REVIEW, "risk": 0.2, "findings": [vague]}

    def classify(listings):
        return [
            clear.model_copy(update={"verdict": Verdict.CLEAR, **(flagged if "สมุนไพร" in x.text else {})})
            for x in listings
        ]

    shelf = Shelf(a=[("สมุนไพร", confidence)])
    found = assess_with_pictures(classify, shelf, Listing(id="1", description=TEXT), [("a.png", b"a")])
    assert found.verdict is verdict


def answering(classifier, **by_word):
    """A substitute classifier: the answer to ``TEXT`` with the changes of the last word that a text has."""
    (clear,) = classifier.classify([Listing(id="1", description=TEXT)])

    def classify(listings):
        found = []
        for listing in listings:
            changes = {"verdict": Verdict.CLEAR, "risk": 0.0}
            for word, given in by_word.items():
                changes = given if word in listing.text else changes
            found.append(clear.model_copy(update=changes))
        return found

    return classify


def test_a_picture_does_not_clear_a_text(classifier):
    """As one of a warning would: the text is no advertisement together with it."""
    (prohibited,) = classifier.classify([Listing(id="1", description=f"{TEXT} {CLAIM}")])
    no_ad = {"verdict": Verdict.NOT_AN_AD, "risk": 0.0, "offer": False, "claims": [], "findings": []}
    shelf = Shelf(a=[("เตือนภัย", 0.95)])
    for verdict in (Verdict.PROHIBITED, Verdict.NEEDS_REVIEW):
        told = {**dict(prohibited), "verdict": verdict}
        found = assess_with_pictures(
            answering(classifier, มะเร็ง=told, เตือนภัย=no_ad),
            shelf,
            Listing(id="1", description=f"{TEXT} {CLAIM}"),
            [("a.png", b"a")],
        )
        assert (found.verdict, found.risk) == (Verdict.NEEDS_REVIEW, prohibited.risk)
        assert [claim.text for claim in found.claims] == [CLAIM]
        assert {finding.code for finding in found.findings} >= {"picture_contradicts_text", "disease_claim"}


def test_a_picture_may_add_what_needs_a_permit(classifier):
    """A text for review, whose picture names a benefit: nothing contradicts."""
    review = {"verdict": Verdict.NEEDS_REVIEW, "risk": 0.3}
    permit = Finding(code="no_permit", thai="ต้องขออนุญาต", english="needs a permit")
    found = assess_with_pictures(
        # A name in the code would be normalized, which parts the vowel.
        answering(
            classifier,
            **{"แคปซูล": review, "บำรุง": {"verdict": Verdict.NEEDS_PERMIT, "findings": [permit]}},
        ),
        Shelf(a=[("บำรุง", 0.95)]),
        Listing(id="1", description=TEXT),
        [("a.png", b"a")],
    )
    assert found.verdict is Verdict.NEEDS_PERMIT
    assert [finding.code for finding in found.findings] == ["no_permit"]


def test_a_doubtful_line_does_not_clear_what_was_read_surely(classifier):
    """The words and the reasons stay too, with their places in the picture."""
    shelf = Shelf(a=[("เตือนภัย", 0.55), (CLAIM, 0.95)])
    sure = {"verdict": Verdict.PROHIBITED, "risk": 0.9}
    (known,) = classifier.classify([Listing(id="1", description=f"{TEXT}\n{CLAIM}")])
    told = {**dict(known), **sure}
    classify = answering(classifier, มะเร็ง=told, เตือนภัย={"verdict": Verdict.NOT_AN_AD, "risk": 0.0})
    found = assess_with_pictures(classify, shelf, Listing(id="1", description=TEXT), [("a.png", b"a")])
    assert (found.verdict, found.risk) == (Verdict.PROHIBITED, 0.9)
    (claim,) = found.pictures[0].claims
    lines = "\n".join(line.text for line in found.pictures[0].lines)
    assert lines[claim.start : claim.end] == claim.text == CLAIM
    assert claim.boxes == [(20, 70, 360, 40)]
    assert "disease_claim" in {finding.code for finding in found.findings}


def test_a_text_that_is_prohibited_alone_and_with_its_pictures_is(classifier):
    """Even if it is not with the lines that were read surely."""
    (known,) = classifier.classify([Listing(id="1", description=f"{TEXT} {CLAIM}")])
    shelf = Shelf(a=[("เตือนภัย", 0.95), ("มีผล", 0.55)])
    review = {"verdict": Verdict.NEEDS_REVIEW, "risk": 0.4}
    classify = answering(classifier, มะเร็ง=dict(known), เตือนภัย=review, มีผล=dict(known))
    listing = Listing(id="1", description=f"{TEXT} {CLAIM}")
    found = assess_with_pictures(classify, shelf, listing, [("a.png", b"a")])
    assert found.verdict is Verdict.PROHIBITED
    assert not {"picture_read_unsurely", "picture_contradicts_text"} & {f.code for f in found.findings}


def test_a_claim_that_runs_on_is_parted_where_text_and_pictures_meet(classifier):
    """The words of all are assessed as one text, so a claim may begin in one and end in another."""
    text = f"{TEXT} ช่วยรักษา "
    (known,) = classifier.classify([Listing(id="1", description=f"{TEXT} {CLAIM}")])
    (claim,) = known.claims
    start = len(TEXT) + 1

    def classify(listings):
        crossing = claim.model_copy(update={"start": start, "end": len(listings[2].text) - 2})
        return [known.model_copy(update={"claims": found}) for found in ([], [crossing], [crossing])]

    shelf = Shelf(a=[("มะเร็ง", 0.95), ("เบาหวาน", 0.95)], b=[("ความดัน", 0.95)])
    pictures = [("a.png", b"a"), ("b.png", b"b")]
    found = assess_with_pictures(classify, shelf, Listing(id="1", description=text), pictures)
    (mine,) = found.claims
    assert (mine.text, text[mine.start : mine.end]) == ("ช่วยรักษา", "ช่วยรักษา")
    (first,), (second,) = (picture.claims for picture in found.pictures)
    assert (first.text, len(first.boxes)) == ("มะเร็ง\nเบาหวาน", 2)
    assert (second.start, second.text, len(second.boxes)) == (0, "ความด", 1)


def test_a_number_that_the_end_of_the_text_divides_is_that_of_the_text(classifier):
    text = f"{TEXT} โทร 081-234-567"
    found = assess(classifier, Shelf(a=[("8 แคปซูล", 0.95)]), text)
    (alone,) = classifier.classify([Listing(id="1", description=text)])
    assert found.contacts == alone.contacts
    assert all(contact.end <= len(text) for contact in found.contacts)


def test_a_number_in_a_picture_is_checked_like_one_in_text(classifier):
    found = assess(classifier, Shelf(a=[("อย. 10-1-00005-5-0001", 0.9)]))
    assert found.licences == []
    (number,) = found.pictures[0].licences
    assert number.number == "10-1-00005-5-0001"
    assert number.boxes


def test_a_number_and_an_account_that_the_end_of_a_line_divides_are_found(classifier):
    lines = ["น้ำยาถูพื้น วอส.", "211/2560 สั่งทาง LINE", "@somjai.shop"]
    (picture,) = assess(classifier, Shelf(a=[(line, 0.95) for line in lines])).pictures
    (number,), (contact,) = picture.licences, picture.contacts
    assert picture.text[number.start : number.end] == "วอส.\n211/2560"
    assert [y for _, y, _, _ in number.boxes] == [10, 70]
    assert contact.value == picture.text[contact.start : contact.end] == "@somjai.shop"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["แคปซูลบำรุง พร้อมเพย์ 0812345678", "590 บาท"], "0812345678"),
        (["เลขที่บัญชี 1234567890", "30 แคปซูล 590 บาท"], "1234567890"),
        (["สั่งเลย LINE Official", "Glow Serum"], None),
    ],
)
def test_the_next_line_of_a_picture_does_not_lengthen_a_number_or_name_an_account(classifier, lines, value):
    (picture,) = assess(classifier, Shelf(a=[(line, 0.95) for line in lines])).pictures
    assert [contact.value for contact in picture.contacts] == ([value] if value else [])
    assert all(picture.text[c.start : c.end] == c.value for c in picture.contacts)


def test_each_picture_has_its_own_claims(classifier):
    found = assess(classifier, Shelf(a=[("บาท", 0.9)], b=[(CLAIM, 0.9)]), TEXT, "a", "b")
    assert [len(picture.claims) for picture in found.pictures] == [0, 1]
    claim = found.pictures[1].claims[0]
    assert claim.start == 0


def test_where_reading_is_missing_the_assessment_says_so_and_nothing_else_changes(classifier):
    (alone,) = classifier.classify([Listing(id="1", description=TEXT)])
    found = assess(classifier, Broken())
    unread = found.findings[-1]
    assert unread.code == "picture_unread"
    assert "a.png" in unread.thai
    assert "tesseract-ocr-tha" in unread.english
    dumped = found.model_dump(exclude={"pictures", "findings"})
    assert dumped == alone.model_dump(exclude={"findings"})
    assert found.findings[:-1] == alone.findings


def test_a_damaged_picture_does_not_hide_another(classifier):
    class Half(Shelf):
        def read(self, content: bytes) -> ReadPicture:
            if content == b"bad":
                raise PictureError("picture_damaged")
            return super().read(content)

    found = assess(classifier, Half(a=[(CLAIM, 0.9)]), TEXT, "bad", "a")
    assert found.verdict is Verdict.PROHIBITED
    assert "picture_unread" in {finding.code for finding in found.findings}


def test_a_picture_alone_is_a_listing(classifier):
    found = assess(classifier, Shelf(a=[("แคปซูล 590 บาท", 0.95), (CLAIM, 0.95)]), "")
    assert found.verdict is Verdict.PROHIBITED
    assert found.claims == []
    assert found.pictures[0].claims


@pytest.mark.needs_tesseract
def test_read_image_prints_exactly_the_promised_json(bundle: Path, reader, drawn, tmp_path: Path):
    file, bad = tmp_path / "banner.png", tmp_path / "bad.png"
    file.write_bytes(drawn("แคปซูล 590 บาท", CLAIM))
    bad.write_bytes(b"no picture")
    result = CliRunner().invoke(
        main, ["read-image", "--json", "--bundle", str(bundle), str(bad), str(file)], catch_exceptions=False
    )
    assert result.exit_code == 1
    assert "bad.png" in result.stderr
    (answer,) = map(json.loads, result.stdout.splitlines())
    assert list(answer) == ["file", "lines", "claims", "verdict", "risk"]
    assert answer["file"] == str(file)
    assert [set(line) for line in answer["lines"]] == [{"text", "box", "confidence"}] * 2
    (claim,) = answer["claims"]
    assert set(claim) == {"label", "text", "boxes", "probability", "law"}
    assert claim["text"] == CLAIM
    assert len(claim["boxes"][0]) == 4
    assert answer["verdict"] == "prohibited"


@pytest.mark.needs_tesseract
@pytest.mark.costly
def test_small_words_are_read_in_a_strip(classifier, reader, drawn):
    """As high as a shop's whole description; scaled to the size of other pictures its letters have 8 pixels."""
    lines = ["แคปซูล สมุนไพร", "กล่องละ ราคา", "ส่งทุกวัน"] * 20
    strip = drawn(*lines, CLAIM, *lines[:5], size=32)
    listing = Listing(id="1", description=TEXT)
    found = assess_with_pictures(classifier.classify, reader, listing, [("a.png", strip)])
    (picture,) = found.pictures
    assert [line.text for line in picture.lines] == [*lines, CLAIM, *lines[:5]]
    (claim,) = picture.claims
    assert claim.text == CLAIM
    ((_, top, _, height),) = claim.boxes
    assert top < 60 + 110 * len(lines) < top + height


@pytest.mark.needs_tesseract
def test_classify_reads_pictures_with_a_text_and_alone(bundle: Path, reader, drawn, tmp_path: Path):
    file = tmp_path / "banner.png"
    file.write_bytes(drawn(CLAIM))
    command = ["classify", "--json", "--bundle", str(bundle), "--image", str(file)]
    with_text = json.loads(CliRunner().invoke(main, [*command, "-"], input=TEXT.encode()).stdout)
    assert with_text["verdict"] == "prohibited"
    assert with_text["pictures"][0]["claims"][0]["text"] == CLAIM
    alone = json.loads(CliRunner().invoke(main, command).stdout)
    assert alone["pictures"][0]["lines"][0]["text"] == CLAIM


def test_pictures_go_with_one_listing(bundle: Path, tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"x")
    lines = b'{"id": "1", "text": "x"}\n{"id": "2", "text": "y"}\n'
    command = ["classify", "--bundle", str(bundle), "--image", str(tmp_path / "a.png"), "-"]
    result = CliRunner().invoke(main, command, input=lines)
    assert result.exit_code == 1
    assert "one listing" in result.stderr
