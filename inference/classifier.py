"""The classifier of listings: text, numbers, contacts, model and policy in one call."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from inference.assessment_cache import SEEN_BYTES, AssessmentCache, text_key
from inference.contacts import find_contacts
from inference.licences import find_numbers
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.calibration import Calibration
from inference.model.cooperative import Turns
from inference.model.engine import Engine
from inference.model.onnx_runtime import Device
from inference.model.scores import ListingScores
from inference.model.spans import find_claims
from inference.policy import Evidence, Policy
from inference.registry.source import RegistrySource
from inference.taste import without_taste
from inference.text.reading import Reading, read
from labels.schema import Assessment, Claim, Contact, Finding, LicenceCheck, Listing
from labels.taxonomy import CLASSES, ProductClass, Verdict

MAX_CHARACTERS = 200_000
"""Maximum number of characters read per text, where a run of white space counts as one; the assessment
reports when more were left out."""

_RUN_OF_SPACES = re.compile(r"\s{2,}")
_PASSED = frozenset({Verdict.CLEAR, Verdict.NOT_AN_AD, Verdict.NEEDS_PERMIT})
"""Verdicts that hold only for a text that was read whole."""

_LEFT_OUT_THAI = "ข้อความยาวกว่า {limit:,} อักขระ ระบบอ่านเฉพาะส่วนแรก โปรดตรวจส่วนที่เหลือด้วยตนเอง"
_LEFT_OUT = (
    "The text is longer than {limit:,} characters: only the first part was read; check the rest yourself."
)
_BLANK_THAI = "ไม่มีข้อความให้อ่าน ตรวจสอบว่าดึงข้อมูลมาครบหรือไม่"
_BLANK = "There is no text to read: check that the listing was fetched whole."


class Classifier:
    """Assesses listings with one bundle and one policy; safe to use from several threads.

    Args:
        bundle: folder of the bundle; default: the promoted one, else the shipped one.
        registry: licence registry snapshot, if one is loaded.
        policy: verdict rules; the shipped ones by default.
        threads: windows run in parallel; default: all processors.
        undo_evasion: see :func:`inference.text.reading.read`.
        device: where the model runs.
        seen_bytes: size of the cache of assessments; 0 disables it.

    Raises:
        BundleError: the bundle is missing or fails its hashes.
        DeviceError: the device is not available.
    """

    def __init__(
        self,
        bundle: Path | None = None,
        registry: RegistrySource | None = None,
        policy: Policy | None = None,
        threads: int | None = None,
        undo_evasion: bool = True,
        device: Device = Device.CPU,
        seen_bytes: int = SEEN_BYTES,
    ) -> None:
        loaded = load_bundle(default_bundle() if bundle is None else bundle)
        self.model_id = loaded.model_id
        self._calibration: Calibration = loaded.calibration
        self._engine = Engine(loaded, threads, device)
        self._registry = registry
        self.policy = policy or Policy.load()
        self._undo_evasion = undo_evasion
        self._seen = AssessmentCache(seen_bytes)

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """One assessment per listing, in input order; an answer does not depend on the other listings."""
        return [assessment for assessment, _ in self.assess_with_model_risk(listings)]

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """Assess one listing, yielding between its windows; any thread may run a step."""
        state, key = self._state(), text_key(listing)
        known = self._seen.get(key, listing.id)
        if known is not None:
            return known[0]
        draft = self._draft(listing, state, key)
        if draft.is_blank:
            return self._blank(draft)
        answer = self._finished(draft, (yield from self._engine.turns(draft.reading)))
        self._seen.put(state, key, *answer)
        return answer[0]

    def assess_with_model_risk(self, listings: Iterable[Listing]) -> list[tuple[Assessment, float]]:
        """Assessments in input order, each with the model's risk before any policy rule raised it."""
        answers: list[tuple[Assessment, float] | None] = []
        drafts: deque[_Draft] = deque()
        copies: list[tuple[int, int, str]] = []
        first: dict[bytes, int] = {}

        def readings() -> Iterator[Reading]:
            for listing in listings:
                state, key = self._state(), text_key(listing)
                place = len(answers)
                if (at := first.setdefault(key, place)) != place:
                    copies.append((place, at, listing.id))
                    answers.append(None)
                    continue
                answers.append(self._seen.get(key, listing.id))
                if answers[place] is not None:
                    continue
                draft = self._draft(listing, state, key, place)
                if draft.is_blank:
                    answers[place] = self._blank(draft), 0.0
                else:
                    drafts.append(draft)
                    yield draft.reading

        for scores in self._engine.scores(readings()):
            draft = drafts.popleft()
            answers[draft.place] = answer = self._finished(draft, scores)
            self._seen.put(draft.state, draft.key, *answer)
        for place, at, listing_id in copies:
            original = answers[at]
            assert original is not None
            assessment, risk = original
            answers[place] = assessment.model_copy(update={"id": listing_id}, deep=True), risk
        return [answer for answer in answers if answer is not None]

    def _state(self) -> object:
        """The cache state: registry and day. A change of either invalidates cached assessments."""
        state = (self._registry and self._registry.now(), date.today())
        self._seen.valid_for(state)
        return state

    def _draft(self, listing: Listing, state: object, key: bytes, place: int = 0) -> "_Draft":
        text = _start_of(listing.text)
        licences = find_numbers(text, registry=self._registry, product_name=listing.title)
        contacts = find_contacts(text, licences)
        return _Draft(listing, state, key, place, licences, contacts, read(text, self._undo_evasion))

    def _finished(self, draft: "_Draft", scores: ListingScores) -> tuple[Assessment, float]:
        scores = without_taste(draft.reading, scores, self._calibration, self.policy.class_certain_from)
        assessment = self._decide(draft.listing, draft.reading, scores, draft.licences)
        findings = [*assessment.findings, *draft.left_out]
        update = {"contacts": draft.contacts, "findings": findings, "truncated": draft.is_truncated}
        if draft.is_truncated and assessment.verdict in _PASSED:
            update["verdict"] = Verdict.NEEDS_REVIEW
        risk = self._calibration.risk_probability(scores, draft.listing.is_offer_by_record)
        return assessment.model_copy(update=update), risk

    def _decide(
        self, listing: Listing, reading: Reading, scores: ListingScores, licences: list[LicenceCheck]
    ) -> Assessment:
        calibration = self._calibration
        claims = find_claims(reading, scores, calibration, listing.is_offer_by_record)
        classes = calibration.class_probabilities(scores)
        best = int(classes.argmax())
        # What the record states takes precedence over the model's estimate.
        offered = listing.is_offer_by_record
        offer_probability = 1.0 if offered else calibration.offer_probability(scores)
        decision = self.policy.decide(
            Evidence(
                text=reading.original,
                product_class=CLASSES[best],
                product_class_probability=float(classes[best]),
                offer=offer_probability >= 0.5,
                offer_probability=offer_probability,
                risk=calibration.risk_probability(scores, offered),
                risk_report=calibration.risk_thresholds.report,
                risk_sure=calibration.risk_thresholds.sure,
                claims=claims,
                sure=self._sure(claims),
                licences=licences,
            )
        )
        return Assessment(
            id=listing.id,
            verdict=decision.verdict,
            risk=decision.risk,
            product_class=CLASSES[best],
            product_class_probability=float(classes[best]),
            offer=offer_probability >= 0.5,
            offer_probability=offer_probability,
            claims=decision.claims,
            licences=licences,
            findings=decision.findings,
            facts=decision.facts,
            model=self.model_id,
        )

    def _sure(self, claims: Sequence[Claim]) -> frozenset[int]:
        thresholds = self._calibration.label_thresholds
        return frozenset(i for i, c in enumerate(claims) if c.probability >= thresholds[c.label].sure)

    def _blank(self, draft: "_Draft") -> Assessment:
        return Assessment(
            id=draft.listing.id,
            # The part that was read is blank but more follows: a person must check it.
            verdict=Verdict.NEEDS_REVIEW if draft.is_truncated else Verdict.NOT_AN_AD,
            risk=0.0,
            product_class=ProductClass.OTHER,
            product_class_probability=1.0,
            offer=False,
            offer_probability=0.0,
            licences=draft.licences,
            contacts=draft.contacts,
            findings=[Finding(code="no_text", thai=_BLANK_THAI, english=_BLANK), *draft.left_out],
            truncated=draft.is_truncated,
            model=self.model_id,
        )


@dataclass(frozen=True)
class _Draft:
    """A listing's data from before the model runs.

    Attributes:
        state: see ``Classifier._state``.
        place: index among the answers.
    """

    listing: Listing
    state: object
    key: bytes
    place: int
    licences: list[LicenceCheck]
    contacts: list[Contact]
    reading: Reading

    @property
    def is_blank(self) -> bool:
        """Whether the text is blank."""
        return not self.reading.text.strip(" |")

    @property
    def is_truncated(self) -> bool:
        """Whether the text is longer than the limit."""
        return len(self.listing.text) > len(self.reading.original)

    @property
    def left_out(self) -> list[Finding]:
        """A finding that the end was not read, if so."""
        if not self.is_truncated:
            return []
        thai, english = (text.format(limit=MAX_CHARACTERS) for text in (_LEFT_OUT_THAI, _LEFT_OUT))
        return [Finding(code="text_left_out", thai=thai, english=english)]


def _start_of(text: str) -> str:
    """The part of a text that is read."""
    end = MAX_CHARACTERS
    if len(text) > end:
        for run in _RUN_OF_SPACES.finditer(text, 0, 2 * MAX_CHARACTERS + 1):
            if run.start() >= end:
                break
            end += len(run[0]) - 1
    return text[:end]
