"""Reading pictures: drawn ones with known words and, from a folder, real ones.

``python -m benchmarks.pictures.ocr [--pictures 400] [--fit] [--real FOLDER] [--alone] [--readings FILE]
[--errors FILE]``

- The folder holds ``pictures.jsonl`` with ``file``, ``lines``, ``legibility`` and ``claims`` (label and
  words), and the files that it names.
- Each text is drawn once, so there may be fewer drawings than ``--pictures`` asks for.
- ``--fit`` draws with the fonts and texts on which limits are fitted; the figures are those without it.
- ``--alone`` reads with Tesseract's sparse mode alone too.
- ``--readings`` keeps what was read, so that limits can be changed and measured without reading again.
- A picture is ``violating`` if a claim of a prohibited label is annotated in it.
- ``--errors`` writes each picture whose verdict is not that of its words as text, to be looked at.

Needs the extra ``images``, Tesseract's Thai data, and Thai fonts (fonts-thai-tlwg, fonts-noto-core).
"""

import argparse
import json
import re
import resource
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import tesserocr
from PIL import Image

from benchmarks.pictures.readings import Readings
from benchmarks.pictures.rendered import Box, Drawing, Part, TrueClaim, render_all
from inference.classifier import Classifier
from inference.pictures.assess import CombinedAssessment, GivenPicture
from inference.pictures.missing import data_folder, what_is_missing
from inference.pictures.ocr.decode import decode
from labels.pictured import PictureClaim, PicturedAssessment
from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import PROHIBITED_LABELS, Verdict

FLAGGED = frozenset({Verdict.PROHIBITED, Verdict.NEEDS_REVIEW})
COVERED = 0.8
"""Share of the area of words that their boxes must cover."""

READ = 0.9
"""Share of the letters of words that must be right for them to count as read."""


def plain(text: str) -> str:
    """Normalize letters for comparison: no white space, one form of vowels and quotes."""
    text = unicodedata.normalize("NFC", text).replace("\u0e4d\u0e32", "\u0e33").replace("เเ", "แ")
    return re.sub(r"\s+", "", text).lower()


def found(true: str, read: str) -> float:
    """Share of the letters of ``true`` found in the best part of ``read``, by edits."""
    if not true or not read:
        return 0.0
    return max(0.0, 1 - int(_edits(true, read).min()) / len(true))


def located(words: str, text: str) -> tuple[int, int] | None:
    """The part of a text that is like the words but for white space and a tenth of the letters, if any."""
    places = [place for place, char in enumerate(text) if not char.isspace()]
    letters, sought = "".join(text[place] for place in places).lower(), re.sub(r"\s+", "", words).lower()
    if found(sought, letters) < READ:
        return None
    end = int(_edits(sought, letters).argmin())
    start = end - int(_edits(sought[::-1], letters[:end][::-1], anchored=True).argmin())
    return places[start], places[end - 1] + 1


def _edits(true: str, read: str, anchored: bool = False) -> npt.NDArray[np.int64]:
    """The fewest edits from ``true`` to a part of ``read``, for each end of the part.

    The part begins anywhere, or with ``read`` if ``anchored``.
    """
    letters = np.frombuffer(read.encode("utf-32-le"), np.uint32)
    places = np.arange(len(read) + 1)
    before = places.copy() if anchored else np.zeros(len(read) + 1, np.int64)
    for row, char in enumerate(true, 1):
        now = np.empty_like(before)
        now[0] = row
        now[1:] = np.minimum(before[:-1] + (letters != ord(char)), before[1:] + 1)
        before = np.minimum.accumulate(now - places) + places
    return before


def best(true: str, lines: Sequence[str]) -> float:
    """The best of :func:`found` over lines and all of them joined."""
    return max((found(true, line) for line in [*lines, "".join(lines)]), default=0.0)


class Table:
    """Sums under groups; each figure is a mean."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))

    def add(self, groups: Iterable[str], name: str, value: float, weight: float = 1.0) -> None:
        for group in groups:
            pair = self._sums[name][group]
            pair[0] += value * weight
            pair[1] += weight

    def show(self, groups: Sequence[str]) -> None:
        print(f"{'':34}" + "".join(f"{group:>12}" for group in groups))
        for name, sums in self._sums.items():
            cells = (f"{sums[g][0] / sums[g][1]:12.3f}" if sums[g][1] else f"{'-':>12}" for g in groups)
            print(f"{name:34}" + "".join(cells))


def covered(drawn: Sequence[Box], boxes: Sequence[Box]) -> float:
    """Share of the area of drawn words that boxes cover, each drawn box by the box that covers most."""
    area = sum(w * h for *_, w, h in drawn)
    seen = 0.0
    for x, y, w, h in drawn:
        overlaps = [
            max(0.0, min(x + w, a + c) - max(x, a)) * max(0.0, min(y + h, b + d) - max(y, b))
            for a, b, c, d in boxes
        ]
        seen += max(overlaps, default=0.0)
    return seen / area if area else 0.0


def drawn_boxes(drawing: Drawing, words: str) -> list[Box]:
    """Where words were drawn; none where they are not those that were drawn."""
    place = located(words, drawing.text)
    return drawing.boxes(*place) if place is not None else []


class PlainTesseract:
    """Tesseract alone in its sparse mode."""

    def __init__(self) -> None:
        self._recogniser = tesserocr.PyTessBaseAPI(
            path=str(data_folder()), lang="tha+eng", psm=tesserocr.PSM.SPARSE_TEXT
        )

    def lines(self, content: bytes) -> list[str]:
        pixels, _ = decode(content)
        self._recogniser.SetImage(Image.fromarray(pixels))
        return [line for line in map(plain, self._recogniser.GetUTF8Text().splitlines()) if line]


ClaimLike = TypeVar("ClaimLike", bound=Claim)


def marking(true: TrueClaim, claims: Sequence[ClaimLike]) -> list[ClaimLike]:
    """The reported claims of a claim's label that have half of its words, or most of theirs from it."""
    words = plain(true.words)
    return [
        claim
        for claim in claims
        if claim.label == true.label
        and (found(words, plain(claim.text)) >= 0.5 or found(plain(claim.text), words) >= 0.8)
    ]


class Bench:
    """One reader and one classifier; results go into a table."""

    def __init__(self, readings: Readings, alone: bool = False, errors: Path | None = None) -> None:
        self._readings = readings
        self._classifier = Classifier(threads=1)
        self._alone = PlainTesseract() if alone else None
        self._errors = errors

    def measure(
        self,
        table: Table,
        groups: Sequence[str],
        content: bytes,
        text: str,
        lines: Sequence[str],
        claims: Sequence[TrueClaim],
        drawing: Drawing | None = None,
    ) -> None:
        """Read one picture and count what was found, also against the same words as ``text``."""
        reading = self._readings.of(content)
        read = reading.picture
        table.add(groups, "seconds a picture", reading.seconds)
        combined = CombinedAssessment(Listing(id="p"), [GivenPicture("p", read.sha256, read)])
        texts = [Listing(id="t", description=words) for words in (text, " ".join(lines))]
        *answers, as_text, in_lines = self._classifier.classify([*combined.listings, *texts])
        seen = combined.assessment(answers)
        (picture,) = seen.pictures
        readers = {"ruthan": [text for text in (plain(line.text) for line in read.lines) if text]}
        if self._alone is not None:
            readers["tesseract alone"] = self._alone.lines(content)
        for name, got in readers.items():
            for line in filter(None, (plain(line.replace("[…]", "")) for line in lines)):
                table.add(groups, f"characters found, {name}", best(line, got), len(line))
            for claim in claims:
                table.add(groups, f"claims read to 90 %, {name}", best(plain(claim.words), got) >= READ)
        for claim in claims:
            table.add(groups, "claims marked", bool(marking(claim, picture.claims)))
            table.add(groups, "claims marked in the text", bool(marking(claim, as_text.claims)))
        for name, marks in (("marks", picture.claims), ("marks in the text", as_text.claims)):
            for mark in marks:
                is_one = any(marking(claim, [mark]) for claim in claims)
                table.add(groups, f"{name} that are a claim", is_one)
        if drawing is not None:
            _add_boxes(table, groups, drawing, claims, picture.claims, as_text.claims)
        table.add(groups, "verdict equal to the text's", seen.verdict is as_text.verdict)
        # How far the model answers otherwise although no letter was misread.
        table.add(groups, "the text's in the picture's lines", in_lines.verdict is as_text.verdict)
        if as_text.verdict in FLAGGED:
            table.add(groups, "missed", seen.verdict not in FLAGGED)
        else:
            table.add(groups, "new false flags", seen.verdict in FLAGGED)
            table.add(groups, "those of the text in its lines", in_lines.verdict in FLAGGED)
        annotated = any(claim.label in PROHIBITED_LABELS for claim in claims)
        for name, flagged in (("picture", seen.verdict in FLAGGED), ("text", as_text.verdict in FLAGGED)):
            which = "violating" if annotated else "other"
            table.add(groups, f"{which} {name}s flagged", flagged)
        if seen.verdict is not as_text.verdict and self._errors is not None:
            with self._errors.open("a", encoding="utf-8") as file:
                file.write(_error(groups, lines, as_text, seen))


def _add_boxes(
    table: Table,
    groups: Sequence[str],
    drawing: Drawing,
    claims: Sequence[TrueClaim],
    in_picture: Sequence[PictureClaim],
    in_text: Sequence[Claim],
) -> None:
    """Compare boxes with where the words were drawn."""
    for reported in in_picture:
        if drawn := drawn_boxes(drawing, reported.text):
            table.add(groups, "boxes cover the marked words", covered(drawn, reported.boxes) >= COVERED)
            table.add(groups, "share of boxes on these words", covered(reported.boxes, drawn))
    # How far the model marks other words than the annotator, in the picture and in the text itself.
    for claim in claims:
        if marks := marking(claim, in_picture):
            boxes = [box for mark in marks for box in mark.boxes]
            table.add(groups, "boxes cover the claim", covered(claim.boxes, boxes) >= COVERED)
        if told := marking(claim, in_text):
            drawn = [box for mark in told for box in drawn_boxes(drawing, mark.text)]
            table.add(groups, "the text's marks cover the claim", covered(claim.boxes, drawn) >= COVERED)


def _error(groups: Sequence[str], lines: Sequence[str], as_text: Assessment, seen: PicturedAssessment) -> str:
    """A picture that was judged otherwise than its words, to be looked at."""
    (picture,) = seen.pictures
    told = [f"# {' / '.join(groups)}, {picture.sha256[:12]}"]
    for name, found, claims in (("text", as_text, as_text.claims), ("read", seen, picture.claims)):
        marked = ", ".join(f"{claim.label} {claim.probability:.2f} “{claim.text}”" for claim in claims)
        told.append(f"{name}: {found.verdict.value}, risk {found.risk:.3f} [{marked}]")
    told += ["  | " + line for line in lines] + ["  read"]
    told += [f"  | {line.confidence:.2f} {line.text}" for line in picture.lines]
    return "\n".join(told) + "\n\n"


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--real", type=Path, help="folder of real pictures with transcripts")
    parser.add_argument("--fit", action="store_true", help="draw those on which limits are fitted")
    parser.add_argument("--alone", action="store_true", help="read with Tesseract alone, too")
    parser.add_argument("--readings", type=Path, help="keep what was read in this file")
    parser.add_argument("--errors", type=Path, help="append pictures with another verdict to this file")
    chosen = parser.parse_args()
    lacks = what_is_missing()
    if lacks is not None:
        raise SystemExit(lacks)
    with Readings(chosen.readings) as readings:
        bench = Bench(readings, chosen.alone, chosen.errors)
        table, sizes = Table(), []
        for drawn in render_all(chosen.pictures, chosen.seed, Part.FIT if chosen.fit else Part.MEASURED):
            groups = ("busy" if drawn.is_busy else "plain", drawn.trait, "all")
            bench.measure(table, groups, drawn.content, drawn.text, drawn.lines, drawn.claims, drawn.drawing)
            sizes.append(drawn.megapixels)
        if sizes:
            print(f"{len(sizes)} drawn pictures, {statistics.mean(sizes):.2f} megapixels on average")
            table.show(["plain", "busy", "all"])
            table.show(["straight", "turned", "small print", "price star"])
        if chosen.real is not None:
            table = Table()
            rows = (chosen.real / "pictures.jsonl").read_text(encoding="utf-8").splitlines()
            for row in map(json.loads, filter(str.strip, rows)):
                content = (chosen.real / row["file"]).read_bytes()
                claims = [TrueClaim(label, words, []) for label, words in row["claims"]]
                text = " ".join(row["lines"])  # line breaks are the picture's, not the text's
                bench.measure(table, (row["legibility"], "all"), content, text, row["lines"], claims)
            print("real pictures")
            table.show(["plain", "busy", "hard", "all"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory of the reading process at most {peak:.0f} MiB")


if __name__ == "__main__":
    main()
