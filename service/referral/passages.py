"""The passages of a letter that people may write otherwise: what the templates say there, and typed text."""

from service.referral.templates import LetterTexts
from service.referral.visible import one_line
from service.store.referrals.steps import MAX_PASSAGE, Passages


def passages_of(texts: LetterTexts) -> Passages:
    """The passages as the templates have them, a paragraph a line."""
    return cleaned(Passages(texts.opening, texts.request, texts.closing))


def cleaned(typed: Passages) -> Passages:
    """Typed passages fit for a letter: a paragraph a line, nothing invisible; what is too long stays so."""
    closing = " ".join(_lines(typed.closing).splitlines())
    return Passages(_lines(typed.opening), _lines(typed.request), closing)


def own_words(typed: Passages, template: Passages) -> Passages:
    """Typed passages, cleaned; one that is empty or says what the template says is the template's."""
    clean = cleaned(typed)
    return Passages(
        "" if clean.opening == template.opening else clean.opening,
        "" if clean.request == template.request else clean.request,
        "" if clean.closing == template.closing else clean.closing,
    )


def _lines(text: str) -> str:
    lines = (one_line(line, MAX_PASSAGE) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
