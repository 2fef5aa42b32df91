"""The editable passages of a letter: the templates' text and typed text."""

from service.referral.letters.templates import LetterTexts
from service.store.referrals.steps import MAX_PASSAGE, Passages
from service.text.visible import one_line


def passages_of(texts: LetterTexts) -> Passages:
    """Return the templates' passages, one line per paragraph."""
    return cleaned(Passages(texts.opening, texts.request, texts.closing))


def cleaned(typed: Passages) -> Passages:
    """Sanitize typed passages: one line per paragraph, nothing invisible; does not shorten them."""
    closing = " ".join(_lines(typed.closing).splitlines())
    return Passages(_lines(typed.opening), _lines(typed.request), closing)


def own_words(typed: Passages, template: Passages) -> Passages:
    """Sanitize typed passages; one that is empty or equal to the template's becomes the template's."""
    clean = cleaned(typed)
    return Passages(
        "" if clean.opening == template.opening else clean.opening,
        "" if clean.request == template.request else clean.request,
        "" if clean.closing == template.closing else clean.closing,
    )


def _lines(text: str) -> str:
    lines = (one_line(line, MAX_PASSAGE) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
