"""What a person sees in a terminal."""

import io

from rich.console import Console

from inference.classifier import Classifier
from inference.view import highlighted, print_assessment
from labels.schema import Assessment, Listing
from labels.taxonomy import verdict_term

TEXT = "แคปซูล [red]รักษามะเร็ง[/red] 590 บาท อย. 10-1-00005-5-0001 โทร 081-234-5678 \x1b[31m"


def assessed(classifier: Classifier, text: str) -> Assessment:
    return classifier.classify([Listing(id="[b]7[/b]", description=text)])[0]


def printed(text: str, assessment: Assessment) -> str:
    file = io.StringIO()
    print_assessment(Console(file=file, width=300, no_color=True), text, assessment)
    return file.getvalue()


def test_verdict_claim_law_number_and_contact_are_shown(classifier: Classifier) -> None:
    assessment = assessed(classifier, TEXT)
    shown = printed(TEXT, assessment)
    for part in (
        verdict_term(assessment.verdict).thai,
        "[b]7[/b]",
        "“รักษามะเร็ง”",
        assessment.claims[0].law[0].citation,
        assessment.findings[0].thai,
        assessment.licences[0].number,
        assessment.contacts[0].value,
        "[red]รักษามะเร็ง[/red]",
    ):
        assert part in shown


def test_control_characters_never_reach_the_terminal(classifier: Classifier) -> None:
    shown = printed(TEXT, assessed(classifier, TEXT))
    assert "\x1b" not in shown
    assert "·[31m" in shown


def test_claims_are_underlined_where_they_stand(classifier: Classifier) -> None:
    text = highlighted(TEXT, assessed(classifier, TEXT))
    (span,) = [s for s in text.spans if "underline" in str(s.style)]
    assert text.plain[span.start : span.end] == "รักษามะเร็ง"


def test_a_long_text_is_cut_and_says_its_length(classifier: Classifier) -> None:
    text = "ครีม " * 2000
    shown = highlighted(text, assessed(classifier, text)).plain
    assert len(shown) < 3100
    assert shown.endswith("(10,000)")
