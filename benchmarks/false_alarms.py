"""False alarms of the active bundle on lawful texts: everyday listings, and real posts and news.

    python -m benchmarks.false_alarms --show 10               # the everyday listings held out
    python -m benchmarks.false_alarms --by-kind               # all of them, a row for each kind of goods
    python -m benchmarks.false_alarms posts.txt.gz news.jsonl.gz --most 1000

Prints the share of each verdict. None of the everyday listings has a claim, so every verdict but ``clear`` is
wrong, and ``prohibited`` and ``needs_review`` are false alarms. ``--by-kind`` includes those that a bundle
may have been fitted on.

Files are read as by ``ruthan pretrain --texts``, and a sample of each is drawn. Their texts are not
annotated: a flag is a false alarm unless the text is an advertisement after all, so the riskiest are printed
for a person to judge.
"""

import argparse
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference.classifier import Classifier
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.schema import Listing
from labels.taxonomy import Verdict
from training.data.texts import read_texts


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--by-kind", action="store_true", help="all everyday listings, by kind of goods")
    parser.add_argument("--most", type=int, default=1000, help="texts of a file, drawn at random")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the N riskiest of each row")
    parser.add_argument("--bundle", type=Path, help="default: the active one")
    arguments = parser.parse_args()
    console, progress = Console(), Console(stderr=True)
    classifier = Classifier(arguments.bundle)
    table = Table(title=f"{classifier.model_id}: share of each verdict")
    for name in ("texts of", "number", *Verdict):
        table.add_column(str(name), justify="left" if name == "texts of" else "right")
    heaps = {**_everyday(arguments.by_kind), **{p.name: _sample(p, arguments.most) for p in arguments.files}}
    for name, texts in heaps.items():
        answers = [
            classifier.classify([Listing(id=str(n), description=text)])[0]
            for n, text in enumerate(track(texts, name, console=progress))
        ]
        counts = Counter(answer.verdict for answer in answers)
        shares = (f"{counts[verdict] / len(texts):.1%}" for verdict in Verdict)
        table.add_row(name, f"{len(texts):,}", *shares)
        for answer in sorted(answers, key=lambda a: -a.risk)[: arguments.show]:
            claims = "; ".join(f"{claim.label}: {claim.text}" for claim in answer.claims[:3])
            text = texts[int(answer.id)][:160].replace("\n", " ")
            console.print(f"{answer.risk:.2f} {answer.verdict} [{claims}] {text}", markup=False)
    console.print(table)


def _everyday(by_kind: bool) -> Mapping[str, Sequence[str]]:
    if not by_kind:
        return {"everyday, held out": [record.text for record in load_everyday(EverydayPart.HELD_OUT)]}
    records = load_everyday()
    return {
        kind: [record.text for record in records if record.source == kind]
        for kind in sorted({record.source for record in records})
    }


def _sample(path: Path, most: int) -> Sequence[str]:
    texts = read_texts(path)
    return random.Random(0).sample(texts, min(most, len(texts)))


if __name__ == "__main__":
    main()
