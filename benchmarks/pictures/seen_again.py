"""Measures how many edited and republished pictures are recognized, and how many others are mistaken.

``python -m benchmarks.pictures.seen_again [--pictures 100] [--pairs 20000] [--twins 100] [--read 20]
[--real DIR] [--readings FILE]``; DIR holds real pictures, listed in ``pictures.jsonl``; FILE keeps what was
read, so that an interrupted run can go on. Draws pictures, edits each in ten ways, and prints

- by edit, how many are recognized by geometry, and how many of the first ``--read`` pictures keep their
  decision, for which the confirmed words must be read in the edited picture too;
- false pairs: pictures with other words on other backgrounds that are taken for the same, and separately
  screenshots of one app, which share its bars;
- twins: the same picture with lawful words, or with a denial of the claim. None may keep the decision.

A half with almost no content (few corners) is not counted. Needs what ``benchmarks.pictures.ocr`` needs; no
Tesseract with ``--read 0 --twins 0``.
"""

import argparse
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFont

from benchmarks.pictures.edits import EDITS
from benchmarks.pictures.ocr import Table, found, plain
from benchmarks.pictures.readings import Readings
from benchmarks.pictures.rendered import GROUNDS, TRAITS, Rendered, fonts, render, texts
from inference.pictures.joined import JoinedLines
from inference.pictures.likeness.features import Features, features_of
from inference.pictures.likeness.matching import LEAST_CORNERS, match
from inference.pictures.likeness.words import ConfirmedWords, may_carry_over

LAWFUL = (
    "แพ็กเกจใหม่ พร้อมส่ง",
    "กลิ่นหอมอ่อน ๆ ใช้ได้ทุกวัน",
    "ขนาดพกพา ใส่กระเป๋าได้",
    "มีหน้าร้าน รับเองได้",
)
DENIALS = ("ไม่ช่วย{}", "ไม่มีผลในการ{}", "ห้ามเชื่อคำว่า{}", "{} ไม่เป็นความจริง")

SHORT = 160
"""Characters of the longest text with a twin."""

Both = tuple[Features, Features]


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--twins", type=int, default=100)
    parser.add_argument("--read", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--real", type=Path, help="folder of real pictures")
    parser.add_argument("--readings", type=Path, help="keep what was read in this file")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    chance = random.Random(chosen.seed)
    drawn = [_draw(chance) for _ in range(max(chosen.pictures, chosen.twins))]
    images = [_opened(picture.content) for picture, _ in drawn[: chosen.pictures]]
    if chosen.real is not None:
        rows = (chosen.real / "pictures.jsonl").read_text(encoding="utf-8").splitlines()
        images += [
            _opened((chosen.real / json.loads(row)["file"]).read_bytes()) for row in rows if row.strip()
        ]
    known = [_features(image) for image in images]
    edited = _found_again(images, known, chance)
    _false_pairs(known, edited, chosen.pairs, chance)
    with Readings(chosen.readings) as readings:
        if chosen.read:
            _read_again(readings, [picture for picture, _ in drawn[: chosen.read]], chance)
        _twins(readings, drawn[: chosen.twins])


def _draw(chance: random.Random) -> tuple[Rendered, Rendered]:
    """Return a picture, and its twin with other words instead of the claims."""
    short = [row for row in texts() if len(row["text"]) <= SHORT and row["text"].isprintable()]
    row, face = chance.choice([row for row in short if row.get("spans")]), chance.choice(fonts())
    ground, trait, seed = chance.choice(GROUNDS), chance.choice(TRAITS), chance.random()
    text = row["text"]
    for span in sorted(row["spans"], key=lambda span: -span["start"]):
        words = text[span["start"] : span["end"]]
        other = chance.choice(LAWFUL if chance.random() < 0.5 else DENIALS).format(words)
        text = text[: span["start"]] + other + text[span["end"] :]
    twin = {"text": text, "spans": []}
    drawn = [render(each, face, ground, trait, random.Random(seed)) for each in (row, twin)]
    return drawn[0], drawn[1]


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _features(image: Image.Image) -> Both:
    return features_of(np.asarray(image.convert("RGB")))


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts()[0]), 40)


def _found_again(
    images: Sequence[Image.Image], known: Sequence[Both], chance: random.Random
) -> dict[str, list[tuple[int, Both]]]:
    edited: dict[str, list[tuple[int, Both]]] = {}
    table, blank = Table(), 0
    for name, edit in EDITS.items():
        edited[name] = []
        for number, image in enumerate(images):
            for part in edit(image, chance, _font()):
                seen = _features(part)
                if len(seen[0].points) < LEAST_CORNERS:
                    blank += 1
                    continue
                edited[name].append((number, seen))
                table.add((name, "all"), "found again", match(known[number][0], *seen) is not None)
    print(f"{len(images)} pictures, {sum(map(len, edited.values()))} edits, {blank} blank parts left out")
    table.show([*list(EDITS)[:5]])
    table.show([*list(EDITS)[5:], "all"])
    return edited


def _false_pairs(
    known: Sequence[Both], edited: dict[str, list[tuple[int, Both]]], pairs: int, chance: random.Random
) -> None:
    false = 0
    names = list(edited)
    for _ in range(pairs):
        one = chance.randrange(len(known))
        other, seen = chance.choice(edited[chance.choice(names)])
        while other == one:
            other, seen = chance.choice(edited[chance.choice(names)])
        false += match(known[one][0], *seen) is not None
    print(f"false pairs: {false} of {pairs:,}")
    screens, false, total = edited["screenshot"], 0, pairs // 20
    for _ in range(total):
        (one, here), (other, there) = chance.sample(screens, 2)
        false += one != other and match(here[0], *there) is not None
    print(f"screenshots of one app with other pictures: {false} of {total:,}")


def _text(readings: Readings, content: bytes) -> str:
    return JoinedLines.of(readings.of(content).picture.lines).text


def _confirmed(picture: Rendered, text: str) -> list[ConfirmedWords]:
    """Return the drawn claims as they were read, as a reviewer would confirm them."""
    words = []
    for claim in picture.claims:
        if found(plain(claim.words), plain(text)) >= 0.9:
            start, end = _place(plain(claim.words), text)
            words.append(ConfirmedWords.of(text, start, end))
    return words


def _place(letters: str, text: str) -> tuple[int, int]:
    """Return the part of a text most similar to some letters."""
    starts = range(max(1, len(text) - len(letters) + 1))
    ends = {
        start: min(len(text), start + len(letters) + text[start : start + len(letters)].count("\n"))
        for start in starts
    }
    best = max(starts, key=lambda start: found(plain(text[start : ends[start]]), letters))
    return best, ends[best]


def _read_again(readings: Readings, pictures: Sequence[Rendered], chance: random.Random) -> None:
    table = Table()
    for picture in pictures:
        confirmed = _confirmed(picture, _text(readings, picture.content))
        if not confirmed:
            continue
        for name, edit in EDITS.items():
            for part in edit(_opened(picture.content), chance, _font()):
                file = io.BytesIO()
                part.save(file, "JPEG", quality=85)
                kept = may_carry_over(confirmed, _text(readings, file.getvalue()))
                table.add((name, "all"), "all confirmed words read again", kept)
    table.show([*list(EDITS)[:5]])
    table.show([*list(EDITS)[5:], "all"])


def _twins(readings: Readings, drawn: Sequence[tuple[Rendered, Rendered]]) -> None:
    alike = carried = confirmable = 0
    for picture, twin in drawn:
        one, other = _features(_opened(picture.content)), _features(_opened(twin.content))
        alike += match(one[0], *other) is not None
        confirmed = _confirmed(picture, _text(readings, picture.content))
        confirmable += bool(confirmed)
        if may_carry_over(confirmed, _text(readings, twin.content)):
            carried += 1
            print("carried over:", [words.words for words in confirmed], "|", _text(readings, twin.content))
    print(f"twins: {len(drawn)}, of which {alike} look the same; the words of {confirmable} were read")
    print(f"carried over: {carried}")


if __name__ == "__main__":
    main()
