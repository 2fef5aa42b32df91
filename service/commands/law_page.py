"""Prints ``docs/law.md``: ``python -m service.commands.law_page > docs/law.md``."""

from labels.law.page import Sentences, render_law_page
from service.alerts import wording as warning
from service.text import official_wording as letter


def law_page() -> str:
    """The page, with the sentences of letters and warnings."""
    return render_law_page(Sentences(letter.VIOLATIONS, warning.VIOLATIONS, letter.FACTS))


if __name__ == "__main__":
    print(law_page(), end="")
