"""The editable passages of a draft on its page: what is stored, and what was typed in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from starlette.datastructures import FormData

from service.console.core.fields import field
from service.referral.letters.passages import cleaned
from service.store.referrals.steps import Passages
from service.store.tables.referral_tables import ReferralRow
from service.text.referral_texts import PASSAGES

SHOWN = "words_shown"
"""The form's field with the digest of the words that were stored when the page was drawn."""


@dataclass(frozen=True)
class Passage:
    """An editable passage of a draft: its text, that of the template, and the saved one if it differs."""

    name: str
    title: str
    text: str
    template: str
    is_own: bool
    saved: str
    is_unsaved: bool
    """Whether its text was typed, and is not that of the letter."""


def passages_in(form: FormData) -> Passages:
    """Return the passages of a form."""
    return Passages(**{name: field(form, name).replace("\r\n", "\n") for name in PASSAGES})


def edited_in(form: FormData, row: ReferralRow, template: Passages | None) -> Passages | None:
    """Return the passages of a form if somebody changed one of those that the page had shown."""
    names = [name for name in PASSAGES if name in form]
    if not names:
        return None
    typed, usual = passages_in(form), template or Passages()
    said = {name: getattr(cleaned(typed), name) or getattr(usual, name) for name in names}
    # Not the words stored now: what a colleague saved meanwhile would make the old ones look typed.
    shown = field(form, SHOWN) or digest_of({name: _in_force(row, usual, name) for name in names})
    return None if digest_of(said) == shown else typed


def digest_of(words: Mapping[str, str]) -> str:
    """Return the digest of passages by name."""
    return sha256("\0".join(words[name] for name in PASSAGES if name in words).encode()).hexdigest()


def shown_digest(row: ReferralRow, template: Passages) -> str:
    """Return the digest of the words in force, of the passages that a page offers for editing."""
    return digest_of({name: _in_force(row, template, name) for name in PASSAGES if getattr(template, name)})


def editable(row: ReferralRow, template: Passages, words: Passages | None) -> list[Passage]:
    """Return the passages that a page offers for editing, with the typed ``words`` if there are any."""
    found = []
    for name, title in PASSAGES.items():
        own, usual = getattr(row, name), getattr(template, name)
        if usual:
            shown = (own or usual) if words is None else getattr(words, name)
            differs = shown != (own or usual)
            found.append(Passage(name, title, shown, usual, bool(own), own if differs else "", differs))
    return found


def unplaced(words: Passages) -> list[tuple[str, str]]:
    """Return the typed passages with their titles, for a page that cannot offer them for editing."""
    titled = ((title, getattr(words, name)) for name, title in PASSAGES.items())
    return [(title, text) for title, text in titled if text]


def _in_force(row: ReferralRow, template: Passages, name: str) -> str:
    """Return a passage as the letter has it, cleaned as a typed one is."""
    words = cleaned(Passages(row.opening, row.request, row.closing))
    return getattr(words, name) or str(getattr(template, name))
