"""What the bundle in use says of real texts that mostly sell nothing: posts, news.

    python -m benchmarks.false_alarms posts.txt.gz news.jsonl.gz --most 1000 --show 10

Reads files as ``ruthan pretrain --texts`` does, draws a sample of each and prints the share of each verdict.
Nobody has annotated the texts: a flag is a false alarm unless the text is an advertisement after all, so the
riskiest are printed to be judged.
"""

import argparse
import random
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference.classifier import Classifier
from labels.schema import Listing
from labels.taxonomy import Verdict
from training.texts import read_texts


def main() -> None:
    """Classify and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="texts of a file, drawn at random")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the N riskiest of each file")
    parser.add_argument("--bundle", type=Path, help="the one in use by default")
    arguments = parser.parse_args()
    console, progress = Console(), Console(stderr=True)
    classifier = Classifier(arguments.bundle)
    table = Table(title=f"{classifier.model_id}: share of each verdict")
    for name in ("file", "texts", *Verdict):
        table.add_column(str(name), justify="left" if name == "file" else "right")
    for path in arguments.files:
        texts = read_texts(path)
        chosen = random.Random(0).sample(texts, min(arguments.most, len(texts)))
        answers = [
            classifier.classify([Listing(id=str(n), description=text)])[0]
            for n, text in enumerate(track(chosen, path.name, console=progress))
        ]
        counts = Counter(answer.verdict for answer in answers)
        shares = (f"{counts[verdict] / len(chosen):.1%}" for verdict in Verdict)
        table.add_row(path.name, f"{len(chosen):,}", *shares)
        for answer in sorted(answers, key=lambda a: -a.risk)[: arguments.show]:
            claims = "; ".join(f"{claim.label}: {claim.text}" for claim in answer.claims[:3])
            text = chosen[int(answer.id)][:160].replace("\n", " ")
            console.print(f"{answer.risk:.2f} {answer.verdict} [{claims}] {text}", markup=False)
    console.print(table)


if __name__ == "__main__":
    main()
