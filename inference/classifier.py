"""From listings to assessments: read, check numbers, find contacts, run the model, decide."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from inference.bundle import load_bundle
from inference.bundle_store import default_bundle
from inference.calibration import Calibration
from inference.contacts import find_contacts
from inference.encoding import Encoder
from inference.lexical import LexicalModel
from inference.licences import find_numbers
from inference.onnx_runtime import OnnxRuntime
from inference.policy import Evidence, Policy
from inference.reading import Reading, read
from inference.registry import RegistrySource
from inference.scores import ListingScores, Runtime, score_in_turns
from inference.spans import find_claims
from inference.turns import Turns, finish
from labels.schema import Assessment, Claim, Contact, Finding, LicenceCheck, Listing
from labels.taxonomy import CLASSES, ProductClass, Verdict

MAX_CHARACTERS = 200_000
"""How much of a text is read; the rest is left out and the assessment says so."""

_LEFT_OUT_THAI = "ข้อความยาวกว่า {limit:,} อักขระ ระบบอ่านเฉพาะส่วนแรก โปรดตรวจส่วนที่เหลือด้วยตนเอง"
_LEFT_OUT = (
    "The text is longer than {limit:,} characters: only the first part was read; check the rest yourself."
)
_BLANK_THAI = "ไม่มีข้อความให้อ่าน ตรวจสอบว่าดึงข้อมูลมาครบหรือไม่"
_BLANK = "There is no text to read: check that the listing was fetched whole."


class Classifier:
    """Assesses listings with one bundle and one policy.

    Args:
        bundle: folder of the bundle; by default the promoted one, else the shipped one.
        registry: licence registry snapshot, if one is loaded.
        policy: verdict rules; the shipped ones by default.
        threads: processor threads of the model; all by default.
        undo_evasion: see :func:`inference.reading.read`.

    Raises:
        BundleError: the bundle is missing or fails its hashes.
    """

    def __init__(
        self,
        bundle: Path | None = None,
        registry: RegistrySource | None = None,
        policy: Policy | None = None,
        threads: int | None = None,
        undo_evasion: bool = True,
    ) -> None:
        loaded = load_bundle(default_bundle() if bundle is None else bundle)
        self.model_id = loaded.model_id
        self._manifest = loaded.manifest
        self._calibration: Calibration = loaded.calibration
        self._encoder = Encoder.from_file(loaded.tokenizer_path, loaded.manifest.preprocessing)
        self._runtime: Runtime = OnnxRuntime(loaded.model_path, threads)
        self._lexical = LexicalModel.load(loaded.lexical_path) if loaded.lexical_path else None
        self._registry = registry
        self.policy = policy or Policy.load()
        self._undo_evasion = undo_evasion

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """One assessment a listing, in their order. A listing's answer does not depend on the others."""
        return [self.assess_with_model_risk(listing)[0] for listing in listings]

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """The assessment of one listing, with a rest between its windows; others may go on in other threads.

        ONNX Runtime's ``run`` and the tokenizer may be called from several threads at once, and nothing else
        is shared but what is only read.
        """
        assessment, _risk = yield from self._turns(listing)
        return assessment

    def assess_with_model_risk(self, listing: Listing) -> tuple[Assessment, float]:
        """The assessment, and the model's risk before any rule of the policy raised it."""
        return finish(self._turns(listing))

    def _turns(self, listing: Listing) -> Turns[tuple[Assessment, float]]:
        whole = listing.text
        text = whole[:MAX_CHARACTERS]
        licences = find_numbers(text, registry=self._registry, product_name=listing.title)
        contacts = find_contacts(text, licences)
        reading = read(text, self._undo_evasion)
        if not reading.text.strip(" |"):
            return self._blank(listing, licences, contacts), 0.0
        scores = yield from score_in_turns(reading, self._encoder, self._runtime, self._manifest.shape)
        if self._lexical is not None:
            scores = replace(scores, lexical=self._lexical.score(reading))
        assessment = self._decide(listing, reading, scores, licences)
        findings = list(assessment.findings)
        if len(whole) > MAX_CHARACTERS:
            findings.append(
                Finding(
                    code="text_left_out",
                    thai=_LEFT_OUT_THAI.format(limit=MAX_CHARACTERS),
                    english=_LEFT_OUT.format(limit=MAX_CHARACTERS),
                )
            )
        truncated = len(whole) > MAX_CHARACTERS
        update = {"contacts": contacts, "findings": findings, "truncated": truncated}
        return assessment.model_copy(update=update), self._calibration.risk_probability(scores)

    def _decide(
        self, listing: Listing, reading: Reading, scores: ListingScores, licences: list[LicenceCheck]
    ) -> Assessment:
        calibration = self._calibration
        claims = find_claims(reading, scores, calibration)
        classes = calibration.class_probabilities(scores)
        best = int(classes.argmax())
        offer_probability = calibration.offer_probability(scores)
        decision = self.policy.decide(
            Evidence(
                text=reading.original,
                product_class=CLASSES[best],
                product_class_probability=float(classes[best]),
                offer=offer_probability >= 0.5,
                offer_probability=offer_probability,
                risk=calibration.risk_probability(scores),
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
            model=self.model_id,
        )

    def _sure(self, claims: Sequence[Claim]) -> frozenset[int]:
        thresholds = self._calibration.label_thresholds
        return frozenset(i for i, c in enumerate(claims) if c.probability >= thresholds[c.label].sure)

    def _blank(self, listing: Listing, licences: list[LicenceCheck], contacts: list[Contact]) -> Assessment:
        return Assessment(
            id=listing.id,
            verdict=Verdict.NOT_AN_AD,
            risk=0.0,
            product_class=ProductClass.OTHER,
            product_class_probability=1.0,
            offer=False,
            offer_probability=0.0,
            licences=licences,
            contacts=contacts,
            findings=[Finding(code="no_text", thai=_BLANK_THAI, english=_BLANK)],
            model=self.model_id,
        )
