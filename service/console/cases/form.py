"""Parsing of the case page's form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from starlette.datastructures import FormData

from labels.law.catalogue import provisions
from labels.law.facts import Fact
from labels.pictured import PictureSpan, all_claims, claim_key, claim_row, pictures_of
from labels.schema import Assessment, Span
from labels.taxonomy import ClaimLabel, ProductClass
from service.console.cases.claim_rows import ROWS_SHOWN, numbers_in
from service.console.core import links
from service.console.core.fields import field as typed
from service.console.core.fields import number_in, one_of
from service.decisions.offences import is_proposed
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.law_choices import counted, own_choices
from service.store.cases.reviews import (
    MAX_ADDED,
    MAX_NOTE,
    Consequences,
    Decision,
    ReviewRefused,
    TooManyAdded,
)
from service.store.index.finding import QueueFilter
from service.store.tables.blind_tables import BlindReading
from service.store.tables.core_tables import Referral, Review

CONFIRM, REJECT = "confirm", "reject"

CONTESTED = (
    "บันทึกไม่ได้ เนื่องจากมีอุทธรณ์ผลที่ท่านตัดสินไว้ ต้องให้ผู้พิจารณาคนอื่นเป็นผู้ตัดสิน",
    "Not saved: an appeal contests your own decision, so another reviewer must decide.",
)
"""Shown to a reviewer who tries to answer an appeal against their own decision, in Thai and English."""

NOT_SAVED = (
    f"บันทึกไม่ได้ โปรดเลือกผลการตัดสินหนึ่งข้อ ตรวจข้อความที่เลือก และบันทึกต้องไม่เกิน {MAX_NOTE:,} ตัวอักษร",
    f"บันทึกไม่ได้ เพิ่มข้อความเองได้ครั้งละไม่เกิน {MAX_ADDED:,} ข้อความ โปรดนำบางข้อความออก",
)
"""The Thai messages of :func:`not_saved`."""

LAW_CHANGED = (
    "ยังไม่บันทึก: ข้อเสนอฐานความผิดเปลี่ยนไปหลังจากเปิดหน้านี้ เนื่องจากมีการปรับปรุงโปรแกรม โปรดตรวจฐานความผิดอีกครั้งแล้วจึงตัดสิน",
    "Not saved: other provisions are proposed than when this page was opened (the program was updated). Check"
    " the provisions again, then decide.",
)
"""Shown in place of saving a form with :attr:`CaseForm.is_outdated`, in Thai and English."""

STATABLE = (Fact.SELLER_LICENSED,)
"""Facts that the text cannot show and that a reviewer states."""

MAX_OFFENCES = 100
"""Maximum number of provisions in one form."""

MAX_CLAIMS = 100_000
"""Maximum number of claims in a form; a text has far fewer."""

_SPAN = re.compile(r"(?:([0-9a-f]{64}):)?([0-9]{1,9}):([0-9]{1,9}):([a-z_]{1,40})")


@dataclass(frozen=True)
class CaseForm:
    """The fields of a decision.

    Attributes:
        assessment: the number of the assessment that the page showed; -1 if missing.
        last_review: the newest review that the page showed; -1 if missing.
        decision: as submitted; empty if no decision button was pressed.
        chosen: index of a claim of that assessment -> :data:`CONFIRM` or :data:`REJECT`.
        added: claims added so far.
        words: further words, not yet located in the text, and the label for them.
        near: where in the text they were selected; 0 if typed.
        in_picture: hash of the picture in whose lines they were selected; empty for the text or if typed.
        corrected: index of a claim in a picture -> what is written there.
        product_class: empty if the model's answer was not changed.
        rejected_findings: indexes of that assessment's findings that do not count as facts.
        stated_facts: facts that the reviewer states.
        law_choices: provision id -> whether it is relied on: those ticked, and those proposed but not ticked.
        outdated_law: provisions that the page proposed and the present catalogue does not, or the reverse.
        asked: the colleague to ask when the decision is unsure.
        split: numbers of rows whose claims are answered one by one.
        shown_rows: how many rows of claims the page shows; 0 for as many as it does by itself.
    """

    assessment: int = -1
    last_review: int = -1
    decision: str = ""
    chosen: tuple[tuple[int, str], ...] = ()
    added: tuple[Span, ...] = ()
    words: str = ""
    label: ClaimLabel | None = None
    near: int = 0
    in_picture: str = ""
    corrected: Mapping[int, str] = field(default_factory=dict)
    product_class: ProductClass | None = None
    consequences: Consequences = field(default_factory=Consequences)
    rejected_findings: tuple[int, ...] = ()
    stated_facts: tuple[Fact, ...] = ()
    law_choices: Mapping[str, bool] = field(default_factory=dict)
    outdated_law: tuple[str, ...] = ()
    note: str = ""
    asked: int | None = None
    split: tuple[int, ...] = ()
    shown_rows: int = 0
    wanted: QueueFilter = field(default_factory=QueueFilter)

    def with_words_placed(self, text: str, assessment: Assessment | None = None) -> Self:
        """Return the form with ``words`` moved to the added claims; unchanged if they are not found.

        Words selected in a picture are searched for there first, others in the text first.
        """
        if self.label is None:
            return self
        texts = (
            [("", text), *((one.sha256, one.text) for one in pictures_of(assessment))]
            if assessment
            else [("", text)]
        )
        for picture, within in sorted(texts, key=lambda each: each[0] != self.in_picture):
            span = place(within, self.words, self.near if picture == self.in_picture else 0, self.label)
            if span is not None:
                if picture:
                    span = PictureSpan(**span.model_dump(), picture=picture)
                added = tuple(dict.fromkeys((*self.added, span)))
                return replace(self, added=added, words="", label=None, near=0, in_picture="")
        return self

    @property
    def made(self) -> Decision:
        """Return the decision of the form."""
        return Decision(
            self.decision,
            tuple(self.indexes(CONFIRM)),
            tuple(self.indexes(REJECT)),
            self.added,
            self.product_class,
            self.consequences,
            self.note,
            self.rejected_findings,
            self.stated_facts,
            self.law_choices,
            self.asked,
            self.corrected,
        )

    @property
    def is_outdated(self) -> bool:
        """Whether the decision would rest on other provisions than its page, of another release, showed."""
        return bool(self.outdated_law) and self.decision in TAKES_DOWN

    def indexes(self, choice: str) -> list[int]:
        """Return the indexes of claims with this choice."""
        return [index for index, made in self.chosen if made == choice]


@dataclass(frozen=True)
class MessageForm:
    """The fields of a thread entry: its text, and the colleague who is asked."""

    text: str = ""
    asked: int | None = None


NO_MESSAGE = MessageForm()


def read_message(form: FormData) -> MessageForm:
    """Parse the form of the thread."""
    return MessageForm(typed(form, "text").replace("\r\n", "\n"), number_in(typed(form, "ask")))


def read_form(form: FormData) -> CaseForm:
    """Parse the fields of a form; invalid values are ignored."""
    same = _same(form)
    return CaseForm(
        assessment=_shown(form, "assessment"),
        last_review=_shown(form, "last_review"),
        decision=typed(form, "decision"),
        chosen=tuple(
            (index, choice)
            for choice in (CONFIRM, REJECT)
            for first in _numbered(form, "claim-", choice)
            for index in (first, *same.get(first, ()))
        ),
        added=tuple(_spans(form)),
        # Browsers send a line break as two characters; the limits count one, like the page's counter.
        words=typed(form, "words").replace("\r\n", "\n").strip(),
        label=one_of(ClaimLabel, typed(form, "words-label")),
        near=number_in(typed(form, "words-near")) or 0,
        in_picture=typed(form, "words-picture"),
        corrected=dict(_corrections(form)),
        product_class=one_of(ProductClass, typed(form, "product-class")),
        consequences=Consequences(
            takedown=not typed(form, "hold"),
            referrals=frozenset(
                referral for value in form.getlist("referral") if (referral := one_of(Referral, str(value)))
            ),
        ),
        rejected_findings=tuple(_numbered(form, "finding-", REJECT)),
        stated_facts=tuple(fact for fact in STATABLE if fact.value in form.getlist("fact")),
        law_choices=_law_choices(form),
        outdated_law=tuple(_outdated(form)),
        note=typed(form, "note").replace("\r\n", "\n"),
        asked=number_in(typed(form, "ask")),
        split=_split(form),
        shown_rows=_shown_rows(form),
        wanted=links.filter_of({name: typed(form, name) for name in links.FILTER_FIELDS}),
    )


def form_of(review: Review | BlindReading | None, assessment: Assessment | None) -> CaseForm:
    """Return the form filled in from an earlier review of the same text, as a start for a new decision.

    The note and the consequences belong to that decision and are not copied. Nor are provisions that were
    only proposed to it: the present catalogue makes its own proposals.
    """
    if review is None or assessment is None:
        return CaseForm()
    confirmed = [*review.confirmed_claims, *review.added_claims]
    claims = [*confirmed, *review.rejected_claims]
    before = {claim_key(claim): CONFIRM for claim in confirmed}
    before |= {claim_key(claim): REJECT for claim in review.rejected_claims}
    words = {claim_key(claim): claim["text"] for claim in claims if "read" in claim}
    keys = [claim_key(claim_row(picture, claim)) for picture, claim in all_claims(assessment)]
    wrong = [(item["code"], item["start"], item["end"]) for item in review.rejected_findings]
    # A newer model may find what the reviewer had to add, and miss what the reviewer confirmed.
    added = [claim for claim in confirmed if claim_key(claim) not in keys and _is_there(claim, assessment)]
    return CaseForm(
        chosen=tuple((index, before[key]) for index, key in enumerate(keys) if key in before),
        corrected={index: words[key] for index, key in enumerate(keys) if key in words},
        added=tuple(span_of(claim) for claim in added),
        product_class=ProductClass(review.product_class) if review.product_class else None,
        rejected_findings=tuple(
            index
            for index, item in enumerate(assessment.findings)
            if (item.code, item.start, item.end) in wrong
        ),
        stated_facts=tuple(Fact(fact) for fact in review.stated_facts),
        law_choices=own_choices(review.law_choices, review.law_proposed),
    )


def as_decided(review: Review | BlindReading, assessment: Assessment) -> CaseForm:
    """Return the form as it was decided, with the provisions that the decision relies on and no others."""
    return replace(form_of(review, assessment), law_choices=relied_on(review))


def relied_on(review: Review | BlindReading) -> dict[str, bool]:
    """Return for every provision whether the decision relies on it."""
    others = dict.fromkeys((row.id for row in provisions()), False)
    return others | counted(review.law_choices, review.law_proposed)


def not_saved(error: ReviewRefused) -> tuple[str, str]:
    """Return why a decision was refused, in Thai and English."""
    return NOT_SAVED[isinstance(error, TooManyAdded)], f"Not saved: {error}."


def place(text: str, words: str, near: int, label: ClaimLabel) -> Span | None:
    """Return the occurrence of ``words`` in ``text`` nearest to ``near``; ``None`` if there is none."""
    found = [match.start() for match in re.finditer(re.escape(words), text)] if words else []
    if not found:
        return None
    start = min(found, key=lambda at: abs(at - near))
    return Span(start=start, end=start + len(words), label=label)


def span_of(claim: Mapping[str, Any]) -> Span:
    """Return a recorded claim as the range that it marks, of the text or of a picture."""
    fields = {name: claim[name] for name in ("start", "end", "label")}
    return PictureSpan(**fields, picture=claim["picture"]) if claim.get("picture") else Span(**fields)


def words_at(span: Span, text: str, assessment: Assessment) -> str:
    """Return the words that a range marks, in the text or in a picture; empty if it lies outside."""
    if isinstance(span, PictureSpan):
        text = next((one.text for one in pictures_of(assessment) if one.sha256 == span.picture), "")
    return text[span.start : span.end]


def _is_there(claim: Mapping[str, Any], assessment: Assessment) -> bool:
    """Whether a recorded claim still marks its words: a picture may be gone, or read differently now."""
    span = span_of(claim)
    if not isinstance(span, PictureSpan):
        return True
    read: str = claim.get("read", claim["text"])
    return words_at(span, "", assessment) == read


def span_value(span: Span) -> str:
    """Return a range as the value of a form field."""
    picture = f"{span.picture}:" if isinstance(span, PictureSpan) else ""
    return f"{picture}{span.start}:{span.end}:{span.label.value}"


def _corrections(form: FormData) -> Iterable[tuple[int, str]]:
    """Return the corrected readings that differ from what was read, by the index of their claim."""
    for name, value in form.multi_items():
        number = number_in(name.removeprefix("read-")) if name.startswith("read-") else None
        if number is not None and isinstance(value, str) and value.strip():
            yield number - 1, " ".join(value.split())


def _shown(form: FormData, name: str) -> int:
    number = number_in(typed(form, name))
    return -1 if number is None else number


def _law_choices(form: FormData) -> dict[str, bool]:
    """Return the provisions on the page that are ticked, and the proposed ones that are not.

    What a decision rests on is written down, since a later catalogue may propose other provisions. A tick
    that the page had by itself is none if the present catalogue does not propose it.
    """
    ticked, proposed = set(form.getlist("tick")), set(form.getlist("proposed"))
    settled = ticked.difference(_outdated(form))
    return {
        id_: id_ in ticked
        for id_ in _offences(form)
        if (id_ in ticked) != (id_ in proposed) or id_ in settled
    }


def _outdated(form: FormData) -> list[str]:
    """Return the provisions on the page that it proposed otherwise than the present catalogue."""
    proposed = set(form.getlist("proposed"))
    return [id_ for id_ in _offences(form) if is_proposed(id_) is not (id_ in proposed)]


def _offences(form: FormData) -> list[str]:
    shown = [value for value in form.getlist("offence") if isinstance(value, str)][:MAX_OFFENCES]
    return [id_ for id_ in shown if len(id_) <= 80]


def _same(form: FormData) -> dict[int, list[int]]:
    """Return the other claims of each row, by the index of its first."""
    rows: dict[int, list[int]] = {}
    for value in form.getlist("same"):
        first, _, others = str(value).partition(":")
        number = number_in(first)
        if number is not None:
            rows[number - 1] = [other - 1 for other in numbers_in(others, MAX_CLAIMS)]
    return rows


def _split(form: FormData) -> tuple[int, ...]:
    numbers = numbers_in(typed(form, "apart"), MAX_CLAIMS)
    asked = number_in(typed(form, "split"))
    return tuple(dict.fromkeys([*numbers, asked] if asked is not None else numbers))


def _shown_rows(form: FormData) -> int:
    shown = min(number_in(typed(form, "rows")) or 0, MAX_CLAIMS)
    return max(shown, ROWS_SHOWN) + ROWS_SHOWN if typed(form, "more_rows") else shown


def _numbered(form: FormData, prefix: str, choice: str) -> Iterable[int]:
    for name, value in form.multi_items():
        number = number_in(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if value == choice and number is not None:
            yield number - 1


def _spans(form: FormData) -> Iterable[Span]:
    for value in form.getlist("added"):
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        label = one_of(ClaimLabel, match.group(4)) if match else None
        if match and label and int(match.group(2)) < int(match.group(3)):
            place_ = {"start": int(match.group(2)), "end": int(match.group(3)), "label": label}
            yield span_of(place_ | ({"picture": match.group(1)} if match.group(1) else {}))
