"""Scores records into result lines, identically on one machine and on a cluster."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.assessment_cache import SEEN_BYTES
from inference.bulk.screening import Screening
from inference.bulk.sources import Record
from inference.classifier import MAX_CHARACTERS, Classifier
from inference.input import BadLine
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.onnx_runtime import Device
from inference.pictures.assess import CombinedAssessments, GivenPicture
from inference.pictures.named import NamedPictures, PictureFolder, names_in
from inference.pictures.reader import PictureReader
from inference.registry.store import registry_in_use
from labels.schema import Listing


@dataclass(frozen=True)
class Line:
    """One result line and the record it answers; ``kind`` is assessed, let_out or bad."""

    file: int
    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class ScoringJob:
    """The settings of a scorer, serializable to any worker.

    Attributes:
        bundle: its folder; ``None`` means the active one.
        registry: CSV file of the registry; ``None`` means the active snapshot.
        screened: whether the prefilter runs before the model.
        threads: windows run in parallel; ``None`` means one per processor.
        seen_bytes: size of the cache of assessments.
        images: folder of the pictures that records name.
    """

    bundle: Path | None = None
    registry: Path | None = None
    registry_max_age_days: int = 30
    screened: bool = False
    device: Device = Device.CPU
    threads: int | None = None
    seen_bytes: int = SEEN_BYTES
    images: Path | None = None

    @property
    def folder(self) -> Path:
        """The bundle's folder."""
        return default_bundle() if self.bundle is None else self.bundle


class Scorer:
    """Scores records in order.

    Raises:
        BundleError: the bundle cannot be used, or has no prefilter although one is requested.
        RegistryError: the registry cannot be read.
    """

    def __init__(self, job: ScoringJob) -> None:
        bundle = load_bundle(job.folder)
        self._screening = Screening(bundle, job.threads) if job.screened else None
        registry = registry_in_use(job.registry, max_age_days=job.registry_max_age_days)
        self._classifier = Classifier(
            job.folder, registry, threads=job.threads, device=job.device, seen_bytes=job.seen_bytes
        )
        self._reader = PictureReader()
        self._pictures = NamedPictures(self._reader, PictureFolder(job.images)) if job.images else None

    def close(self) -> None:
        """End the process that reads pictures; the scorer can still be used."""
        self._reader.close()

    def lines(self, records: Sequence[Record]) -> list[Line]:
        """One line per record."""
        found: dict[int, tuple[str, str]] = {}
        listings: list[tuple[int, Listing]] = []
        let_out = self._let_out(records)
        for place, record in enumerate(records):
            if isinstance(record.content, BadLine):
                problem = {
                    "id": record.content.id,
                    "line": record.content.number,
                    "problem": record.content.problem,
                }
                found[place] = "bad", json.dumps(problem, ensure_ascii=False)
            elif place in let_out:
                found[place] = "let_out", let_out[place]
            else:
                listings.append((place, record.content))
        shown = [self._shown(listing) for _, listing in listings]
        together = CombinedAssessments([listing for _, listing in listings], shown)
        answers = together.assessments(self._classifier.classify(together.listings))
        for (place, _), answer in zip(listings, answers, strict=True):
            found[place] = "assessed", answer.model_dump_json()
        return [Line(r.file, r.number, *found[place]) for place, r in enumerate(records)]

    def _shown(self, listing: Listing) -> list[GivenPicture]:
        return [] if self._pictures is None else list(self._pictures.of(listing))

    def _let_out(self, records: Sequence[Record]) -> dict[int, str]:
        """The result of each record that the prefilter skips, by its place."""
        if self._screening is None:
            return {}
        # What the pictures of a record say is not known yet. Longer texts are left to the model, whose answer
        # says that their end was not read.
        texts = {
            place: text
            for place, record in enumerate(records)
            if isinstance(record.content, Listing)
            and len(text := record.content.text) <= MAX_CHARACTERS
            and not (self._pictures is not None and names_in(record.content))
        }
        scores = self._screening.scores(list(texts.values()))
        return {
            place: self._skipped(records[place].content.id, score)
            for place, score in zip(texts, scores, strict=True)
            if score is not None
        }

    def _skipped(self, listing_id: str | None, score: float) -> str:
        answer = {
            "id": listing_id,
            "screened_out": True,
            "screen_score": round(score, 3),
            "model": self._classifier.model_id,
        }
        return json.dumps(answer, ensure_ascii=False)
