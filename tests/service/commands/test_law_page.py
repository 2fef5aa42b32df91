"""The page of the law in the documentation."""

from pathlib import Path

from inference.policy import Policy
from labels.law.catalogue import provisions
from labels.taxonomy import ClaimLabel, class_term
from service.alerts.wording import FACTS as FACTS_IN_WARNINGS
from service.alerts.wording import VIOLATIONS as IN_WARNINGS
from service.commands.law_page import law_page
from service.text.official_wording import FACTS
from service.text.official_wording import VIOLATIONS as IN_LETTERS

PAGE = Path(__file__).parents[3] / "docs" / "law.md"


def test_the_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == law_page(), "docs/law.md is old: python -m service.commands.law_page > docs/law.md"


def test_it_has_every_provision_and_what_letters_and_warnings_say() -> None:
    page = law_page()
    assert [row.id for row in provisions() if f"| `{row.id}` |" not in page] == []
    for label in ClaimLabel:
        part = page.partition(f"### `{label.value}`")[2].partition("### ")[0]
        assert f"อันเป็นการ{IN_LETTERS[label]}\n" in part
        assert f"- warning: {IN_WARNINGS[label]}\n" in part
    assert [code for code in FACTS if f"| `{code}` |" not in page] == []


def test_every_finding_that_cites_a_provision_has_its_sentences() -> None:
    cited = list(Policy.load().law_of_findings())
    assert set(FACTS) == set(FACTS_IN_WARNINGS) == {code for code, *_ in cited}
    findings = law_page().partition("### Which law applies to a finding")[2].partition("## Which law")[0]
    assert "| `number_of_other_product` | อาหาร | `food_serial` | `food-act-25-2` |" in findings
    assert "| `permit_void` | เครื่องสำอาง" not in findings
    for code, product_class, _, law in cited:
        for ref in law:
            assert f"| `{code}` | {class_term(product_class).thai} | " in findings
            assert f"| `{ref.id}`" in findings
