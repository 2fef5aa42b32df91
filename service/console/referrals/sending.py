"""The question which words of a draft were sent: those of a download, or those made now."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.console.core.fields import number_in
from service.console.core.people import display_name
from service.console.letters.desk import Desk, error_pages
from service.console.web import Console
from service.referral.downloads import WORDS_KEPT, as_sent
from service.referral.letters.joint import SeveralAddressees
from service.referral.letters.letter import LetterWithoutLaw
from service.referral.letters.sent import says_the_same
from service.referral.letters.templates import TemplateUnusable
from service.referral.pack import Pack
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.row_ids import is_row_id
from service.store.referrals.sent import is_current
from service.store.referrals.steps import ReferralChanged, ReferralRefused, Step, Wording
from service.store.tables.core_tables import AuditEntry, Reviewer
from service.store.tables.referral_tables import ReferralRow, ReferralStatus, SentLetter
from service.text import referral_texts

log = logging.getLogger(__name__)

PRESENT = "present"
"""The form's value for the words made now."""

MOST_DOWNLOADS = 100
"""How many of a draft's downloads are looked up in the trail, the newest."""


@dataclass(frozen=True)
class Download:
    """A download of a draft as it is: its form value, its time, the name of who made it, and its hash."""

    value: str
    at: datetime
    by: str
    sha256: str
    has_words: bool = True
    """Whether its words are stored; a release before they were kept only the hash."""
    only_pictures_differ: bool = False
    """Whether nothing but pictures differs now: one could not be drawn, or its file is gone."""


@dataclass(frozen=True)
class Choices:
    """What may have been sent; a single choice needs no question."""

    downloads: tuple[Download, ...] = ()
    """One for each pack, newest of the person's own first."""
    has_present: bool = True
    """Whether the words made now can be sent and differ from every download."""
    cannot_compose: bool = False
    """Whether a letter can be made from the downloads alone."""
    stale_at: datetime | None = None
    """The last download, if the draft has changed since."""
    is_removed: bool = False
    """Whether downloaded words were removed with personal data, and none are left."""

    @property
    def only_pictures_differ(self) -> bool:
        """Whether the words made now differ from every download in nothing but pictures."""
        return all(item.only_pictures_differ for item in self.downloads)

    @property
    def values(self) -> list[str]:
        """The form's values."""
        return [item.value for item in self.downloads] + [PRESENT] * self.has_present


def choices_of(part: Console, desk: Desk, row: ReferralRow, reviewer: Reviewer) -> Choices:
    """Return what may have been sent of a draft."""
    kept = part.store.referrals.downloads(row.id)
    current = [words for words in kept if is_current(row, words)]
    recorded = _recorded(part, row)
    wordless = _wordless(part, row, kept, recorded)
    if not current and not wordless:
        is_removed = any(words.at >= row.moved_at for words in kept)
        last = max([words.at for words in kept] + [entry.at for entry in recorded], default=None)
        return Choices(stale_at=None if is_removed else last, is_removed=is_removed)
    own = audit_names.reviewer(reviewer.name)
    by_pack: dict[str, SentLetter] = {}
    for words in sorted(current, key=lambda one: one.by != own):
        by_pack.setdefault(words.pack_sha256, words)
    made = _made_now(desk, row, current)
    has_present = made is not None and not any(says_the_same(words, made) for words in current)
    return Choices(
        downloads=tuple(
            Download(
                str(words.id),
                words.at,
                _name(part, words.by),
                words.pack_sha256,
                only_pictures_differ=has_present and made is not None and _differ_in_pictures(words, made),
            )
            for words in by_pack.values()
        )
        + wordless,
        has_present=has_present,
        cannot_compose=made is None,
    )


def with_words(
    part: Console, desk: Desk, row: ReferralRow, reviewer: Reviewer, step: Step, wanted: str
) -> Step:
    """Return a sending with the words that ``wanted`` chooses; composes only those made now.

    Raises :class:`ReferralRefused` if there is a choice and none was made.
    """
    if row.status != ReferralStatus.DRAFT:
        return as_sent(step, packed(desk, row, reviewer))
    if not wanted:
        values = choices_of(part, desk, row, reviewer).values
        if len(values) > 1:
            raise ReferralRefused(referral_texts.WHICH_WORDS)
        (wanted,) = values
    if wanted == PRESENT:
        return as_sent(step, packed(desk, row, reviewer))
    kept = part.store.referrals.downloads(row.id)
    if wanted in {item.value for item in _wordless(part, row, kept, _recorded(part, row))}:
        return replace(step, pack_sha256=wanted)
    number = number_in(wanted)
    if number is None or not is_row_id(number):
        raise ReferralChanged(referral_texts.NO_SUCH_DOWNLOAD)
    return replace(step, download=number)


def _recorded(part: Console, row: ReferralRow) -> list[AuditEntry]:
    """Return the downloads of a letter in the trail, newest last."""
    return part.store.audit.newest(
        MOST_DOWNLOADS, subject=audit_names.referral(row.id), action=AuditAction.REFERRAL_DOWNLOAD
    )


def _wordless(
    part: Console, row: ReferralRow, kept: Sequence[SentLetter], recorded: Sequence[AuditEntry]
) -> tuple[Download, ...]:
    """Return the downloads of a draft as it is of which the trail alone has the hash, newest first."""
    known = {words.pack_sha256 for words in kept}
    found = {
        sha256: Download(sha256, entry.at, _name(part, entry.actor), sha256, has_words=False)
        for entry in recorded
        if entry.at >= row.moved_at
        and WORDS_KEPT not in entry.detail
        and (sha256 := entry.detail.get("sha256", "")) not in known
    }
    return tuple(reversed(found.values()))


def packed(desk: Desk, row: ReferralRow, reviewer: Reviewer) -> Pack:
    """Return the pack of a referral, or raise the error page that says why there is none."""
    with error_pages(reviewer):
        return desk.packer.make(row)


def _made_now(desk: Desk, row: ReferralRow, current: Sequence[SentLetter]) -> Wording | None:
    try:
        made = desk.packer.wording(row)
    except (LetterWithoutLaw, SeveralAddressees, TemplateUnusable):
        return None
    if any(says_the_same(words, made) for words in current):
        return made
    # Drawing takes seconds, so only what a download lacks is drawn: it tells whether that can be drawn now.
    lacking = {
        number
        for words in current
        if _differ_in_pictures(words, made)
        for number in _pictures(made.letter) - _pictures(words.letter)
    }
    try:
        return desk.packer.wording(row, draws=lacking) if lacking else made
    except Exception:  # Whatever a picture does to the renderer must not keep a sending from being recorded.
        log.exception("the pictures of referral %s cannot be drawn", row.id)
        return made


def _differ_in_pictures(words: SentLetter, made: Wording) -> bool:
    """Whether words are those of a download except for the pictures."""
    return says_the_same(words, made, "pictures") and not says_the_same(words, made)


def _pictures(letter: Mapping[str, Any] | None) -> set[int]:
    """Return the numbers of the pictures in a letter."""
    return {page["number"] for page in (letter or {}).get("pictures", ())}


def _name(part: Console, by: str) -> str:
    if by == audit_names.CLI:
        return "คำสั่ง ruthan referral pack"
    return display_name(part.store, by) if by else ""
