"""Prints ``docs/law.md``: ``python -m service.commands.law_page > docs/law.md``."""

from inference.policy import Policy
from labels.law.page import FindingLaw, Sentences, render_law_page
from labels.taxonomy import ClaimLabel
from service.alerts import wording as warning
from service.text import official_wording as letter


def law_page() -> str:
    """The page, with the sentences of letters and warnings."""
    benefit = ClaimLabel.BENEFIT
    sentences = Sentences(
        letter.VIOLATIONS,
        warning.VIOLATIONS,
        {benefit: letter.violations([benefit], lacks_permit=True)},
        {benefit: f"{warning.VIOLATIONS[benefit]}{warning.NEEDS_PERMIT}"},
        {code: letter.fact(code, "“…”", "") for code in letter.FACTS},
        {code: warning.FACTS[code].format(words=" “…” ").strip() for code in letter.FACTS},
    )
    return render_law_page(sentences, [FindingLaw(*row) for row in Policy.load().law_of_findings()])


if __name__ == "__main__":
    print(law_page(), end="")
