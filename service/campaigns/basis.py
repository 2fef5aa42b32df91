"""The basis of a decision on one text, and whether another text supports the same decision.

The words that the reviewer confirmed must occur in the other text, digit for digit, after normalization:
spaces, punctuation and obfuscation do not count.  The model must have marked them there with the same label,
and no negation may be near them.  A second label within words of a label that weighs as much may be missing
if the decision is "prohibited": near its threshold, a price decides whether the model gives it.  Any other
decision also requires that the other text claims nothing more, names no other barred goods and shows the same
numbers, and that pictures which the first listing lacks add nothing.  One against the listing requires a
ticked provision there.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from inference.text.offset_text import OffsetText
from inference.text.reading import read
from labels.guidance.severity import severity_of
from labels.pictured import PictureStatus, pictures_of
from labels.schema import Assessment, Claim, LicenceCheck, Span
from labels.taxonomy import ProductClass, Verdict
from service.campaigns.grounds import has_ground
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.standing_orders import Choice

_IGNORED: Final = re.compile(r"(?<!\d)[.,]|[.,](?!\d)|[^\w\u0e30-\u0e4e%.,]|_")
_DENIES: Final = re.compile("ไม่|มิได้|มิใช่|ห้าม|อย่า|หามิ|ไร้ผล")
_UNSAID: Final[dict[str, Any]] = {"choices": {}, "facts": [], "rejected": []}
"""The law of standing orders from earlier releases, which stored none: the proposals count."""
_OF_NUMBERS: Final = "0123456789.,"
_BEFORE, _AFTER = 20, 15
"""Window around the words in which a negation counts, in characters without spaces."""


class Obstacle(StrEnum):
    """Why a decision on one listing does not apply to another."""

    LACKS = "lacks"
    """The confirmed words do not occur there."""
    UNMARKED = "unmarked"
    """They do, but the model did not mark them with that label."""
    DENIED = "denied"
    """They are negated there, and not in the first text."""
    MORE = "more"
    """It claims more than the first listing, or names other barred goods."""
    UNREAD = "unread"
    """It shows pictures that the first listing lacks and that were not read."""
    NUMBERS = "numbers"
    """It shows other licence or permit numbers."""
    CLASS = "class"
    """It sells goods of another class."""
    HELD = "held"
    """Somebody else is working on its case."""
    ALONE = "alone"
    """It belongs to no campaign: its text is too short to be compared with others."""
    GROUNDLESS = "groundless"
    """No ticked provision applies to it: those of the first text rest on its numbers, pictures or goods."""
    CONTESTED = "contested"
    """An appeal against its decision is open, so it is decided individually."""


@dataclass(frozen=True)
class Differs:
    """An obstacle, with the words, number or person concerned."""

    obstacle: Obstacle
    words: str = ""


def basis_of(
    text: str,
    assessment: Assessment,
    decision: str,
    confirmed: Collection[int],
    rejected: Collection[int] = (),
    added: Sequence[Span] = (),
    product_class: ProductClass | None = None,
    law: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the basis of the decision as plain data that can be stored and compared with other texts.

    ``confirmed`` and ``rejected`` are indexes into the claims of the assessment, ``added`` are words that
    the reviewer marked; ``product_class`` is what the reviewer says is sold; ``law`` is from
    :func:`~service.campaigns.grounds.law_of` if the other texts must meet one of the ticked provisions.
    """
    own = plain(text)
    claims = assessment.claims
    spans = [Span(start=claims[i].start, end=claims[i].end, label=claims[i].label) for i in sorted(confirmed)]
    words = [_words(own, text, span, spans, is_added=False) for span in spans]
    words += [_words(own, text, span, (), is_added=True) for span in added]
    return {
        "decision": decision,
        "words": words,
        "rejected": [_key(own, claims[index]) for index in sorted(rejected)],
        "claims": [_key(own, claim) for claim in claims],
        "numbers": _numbers(assessment.licences),
        "barred": _barred(own, assessment),
        "pictures": sorted(
            picture.sha256
            for picture in pictures_of(assessment)
            if picture.status is not PictureStatus.WAITING
        ),
        "class": assessment.product_class.value,
        "class_said": product_class.value if product_class else None,
        "law": None if law is None else dict(law),
    }


def compare(basis: dict[str, Any], text: str, assessment: Assessment) -> Choice | Differs:
    """Return the claims that the decision confirms and rejects in another text, or why it does not apply."""
    own = plain(text)
    if assessment.product_class.value not in (basis["class"], basis["class_said"]):
        return Differs(Obstacle.CLASS)
    matched = _matched(own, basis, assessment)
    if isinstance(matched, Differs):
        return matched
    confirmed, added = matched
    if basis["decision"] != Verdict.PROHIBITED:
        more = next(_additions(own, basis, assessment), None)
        if more is not None:
            return more
    wrong = {tuple(key) for key in basis["rejected"]}
    rejected = {index for index, claim in enumerate(assessment.claims) if tuple(_key(own, claim)) in wrong}
    choice = Choice(tuple(sorted(confirmed)), tuple(sorted(rejected - confirmed)), tuple(added))
    law = basis.get("law")
    if law is None and "law" not in basis and basis["decision"] in TAKES_DOWN:
        law = _UNSAID | {"class": basis["class_said"]}
    if law is not None and not has_ground(law, basis["decision"], choice, text, assessment):
        return Differs(Obstacle.GROUNDLESS)
    return choice


def _additions(own: OffsetText, basis: dict[str, Any], assessment: Assessment) -> Iterator[Differs]:
    """Yield what another listing adds to the first one, and numbers that only one of them shows."""
    words = [[each["label"], each["plain"]] for each in basis["words"]]
    for claim in assessment.claims:
        if _key(own, claim) not in [*basis["claims"], *words]:
            yield Differs(Obstacle.MORE, claim.text)
    numbers = _numbers(assessment.licences)
    if differing := _symmetric(basis["numbers"], numbers):
        yield Differs(Obstacle.NUMBERS, differing)
    # The reviewer saw the pictures of the first listing, not these. Earlier releases stored neither.
    others = [each for each in pictures_of(assessment) if each.sha256 not in basis.get("pictures", ())]
    for picture in others:
        if picture.status is not PictureStatus.READ:
            yield Differs(Obstacle.UNREAD)
        shown = plain(picture.text)
        for claim in picture.claims:
            if _key(shown, claim) not in words:
                yield Differs(Obstacle.MORE, claim.text)
        if added := set(_numbers(picture.licences)).difference(numbers):
            yield Differs(Obstacle.NUMBERS, _symmetric((), sorted(added)))
    for goods in _barred(own, assessment):
        # Goods without words are those of a picture.
        if goods not in basis.get("barred", ()) or (others and not goods[1]):
            yield Differs(Obstacle.MORE, goods[1])


def _matched(
    own: OffsetText, basis: dict[str, Any], assessment: Assessment
) -> tuple[set[int], list[Span]] | Differs:
    """Return the claims on the confirmed words and the spans of added ones, or what is missing."""
    confirmed: set[int] = set()
    added: list[Span] = []
    for words in basis["words"]:
        found = _find(own, words, assessment)
        if isinstance(found, Span):
            added.append(found)
        elif not isinstance(found, Differs):
            confirmed |= found
        elif not (
            found.obstacle is Obstacle.UNMARKED
            and basis["decision"] == Verdict.PROHIBITED
            and _is_covered(own, words, assessment)
        ):
            return found
    return confirmed, added


def follow(basis: dict[str, Any], text: str, assessment: Assessment) -> Choice | None:
    """Like :func:`compare`, for a standing order: confirmed words are required, and must occur there."""
    if not basis.get("words"):
        return None
    found = compare(basis, text, assessment)
    return found if isinstance(found, Choice) else None


@lru_cache(maxsize=1024)
def plain(text: str) -> OffsetText:
    """Return the text normalized to lower case without spaces and punctuation, with its offset map."""
    bare = read(text).mapped.sub(_IGNORED, "")
    low = "".join(small if len(small := char.lower()) == 1 else char for char in bare.text)
    return OffsetText(low, bare.starts, bare.ends)


def _place(own: OffsetText, start: int, end: int) -> tuple[int, int]:
    return bisect_right(own.ends, start), bisect_left(own.starts, end)


def _key(own: OffsetText, claim: Claim) -> list[str]:
    first, last = _place(own, claim.start, claim.end)
    return [claim.label.value, own.text[first:last]]


def _words(own: OffsetText, text: str, span: Span, others: Sequence[Span], is_added: bool) -> dict[str, Any]:
    first, last = _place(own, span.start, span.end)
    covering = {
        other.label.value
        for other in others
        if other.start <= span.start and span.end <= other.end and _weight(text, other) >= _weight(text, span)
    }
    return {
        "label": span.label.value,
        "within": sorted(covering - {span.label.value}),
        "text": text[span.start : span.end],
        "plain": own.text[first:last],
        "added": is_added,
        "denied": _denied(own, first, last),
    }


def _weight(text: str, span: Span) -> int:
    return severity_of([(span.label.value, text[span.start : span.end])], None)


def _find(own: OffsetText, words: dict[str, Any], assessment: Assessment) -> set[int] | Span | Differs:
    """Return the claims on the words, or the span of a reviewer's own words, or why there is neither."""
    places = list(_places(own.text, words["plain"]))
    if not places:
        return Differs(Obstacle.LACKS, words["text"])
    places = [place for place in places if not set(_denied(own, *place)) - set(words["denied"])]
    if not places:
        return Differs(Obstacle.DENIED, words["text"])
    spans = [own.original_span(*place) for place in places]
    marked = {
        index
        for index, claim in enumerate(assessment.claims)
        if claim.label.value == words["label"]
        and any(claim.start < end and start < claim.end for start, end in spans)
    }
    if marked:
        return marked
    if words["added"]:
        start, end = spans[0]
        return Span(start=start, end=end, label=words["label"])
    return Differs(Obstacle.UNMARKED, words["text"])


def _is_covered(own: OffsetText, words: dict[str, Any], assessment: Assessment) -> bool:
    """Whether all of the words are marked with a label that covered them in the first text."""
    covering = words.get("within", ())  # standing orders of earlier releases have none
    spans = [own.original_span(*place) for place in _places(own.text, words["plain"])]
    return any(
        claim.label.value in covering and claim.start <= start and end <= claim.end
        for claim in assessment.claims
        for start, end in spans
    )


def _places(text: str, words: str) -> Iterator[tuple[int, int]]:
    at = text.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        # "7 days" does not match within "17 days".
        if not (_within_number(text, at) or _within_number(text, end)):
            yield at, end
        at = text.find(words, end)


def _within_number(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1] in _OF_NUMBERS and text[at] in _OF_NUMBERS


def _denied(own: OffsetText, first: int, last: int) -> list[str]:
    """Return the sides of the words on which there may be a negation."""
    sides = {
        "before": own.text[max(0, first - _BEFORE) : first],
        "after": own.text[last : last + _AFTER],
    }
    return [side for side, around in sides.items() if _DENIES.search(around)]


def _barred(own: OffsetText, assessment: Assessment) -> list[list[str]]:
    """Return code and words of each finding on barred goods; no words for goods in a picture."""
    found = set()
    for finding in assessment.findings:
        if finding.code.startswith("barred_"):
            first, last = _place(own, finding.start or 0, finding.end or 0)
            found.add((finding.code, own.text[first:last]))
    return [list(goods) for goods in sorted(found)]


def _numbers(checks: Sequence[LicenceCheck]) -> list[str]:
    return sorted({f"{check.kind} {check.number} {check.status}" for check in checks})


def _symmetric(one: Sequence[str], other: Sequence[str]) -> str:
    return ", ".join(number.split(" ")[1] for number in sorted(set(one) ^ set(other)))
