"""The prefilter: listings a second on one processor, and what skipping can save in bulk work.

    python -m benchmarks.model.screen --listings 20 --repeats 2

The first table scores the held-out everyday listings on one thread, with the linear model alone and with the
claim detector. scikit-learn's hashed n-grams have as many buckets and the same lengths as the linear model,
which also hashes the runs between spaces, and scores passages.

The second is bulk work on a stream of nine unrelated texts per test listing: everyday listings that the
prefilter was not fitted on, or those of ``--off-health FILE`` (one text per line, or JSON Lines with a field
``text``).
"""

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier

from benchmarks.model.contest import Contest, Cost, hold, table
from benchmarks.page import add_write, publish
from inference.bulk.local import AT_ONCE
from inference.bulk.scoring import Scorer, ScoringJob
from inference.bulk.screening import Screening
from inference.bulk.sources import Record, records_of
from inference.bulk.spool import Spool
from inference.keywords import KeywordBaseline
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.prefilter import DIMENSIONS, LENGTHS, Prefilter
from inference.text.words import forget_words
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.dataset.shipped import Split, load_split
from labels.schema import Listing
from training.data.texts import read_texts

Work = Callable[[], object]
GOODS_PER_LISTING = 9
WITHOUT, WITH, HEALTH = "without the prefilter", "with the prefilter", "without it, only the test listings"
AIM_SKIPPED, AIM_GAIN = 0.6, 3.0
"""The share of goods that the prefilter was to skip, and how much faster bulk work was to become."""


def texts_off_health(path: Path | None) -> list[str]:
    """Unrelated texts from a file, or the held-out everyday listings."""
    if path is not None:
        return list(read_texts(path))
    return [record.text for record in load_everyday(EverydayPart.HELD_OUT)]


def alone_contest(screen: Prefilter, both: Screening, texts: Sequence[str], folder: Path) -> Contest:
    """The prefilter without the model, and other fast scores of the same texts."""
    parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
    vectorizer = HashingVectorizer(
        analyzer="char",
        ngram_range=(LENGTHS[0], LENGTHS[-1]),
        n_features=DIMENSIONS,
        alternate_sign=False,
        binary=True,
    )
    some = texts[:AT_ONCE]
    linear = SGDClassifier().fit(vectorizer.transform(some), [len(text) % 2 for text in some])
    keywords = KeywordBaseline()
    works: dict[str, Work] = {
        f"the linear model, {AT_ONCE} texts at once": lambda: [screen.scores(part) for part in parts],
        "the same, one text after another": lambda: [screen.score(text) for text in texts],
        "skipped texts, from file to file": skipping(both, texts, folder),
        f"linear model and claim detector, {AT_ONCE} texts at once": lambda: [
            both.scores(part) for part in parts
        ],
        "scikit-learn: HashingVectorizer, SGDClassifier": lambda: [
            linear.decision_function(vectorizer.transform(part)) for part in parts
        ],
        "keyword scanner": lambda: [keywords.scan(text) for text in texts],
    }
    title = (
        f"The prefilter alone, one thread, {len(texts)} everyday listings of "
        f"{statistics.mean(map(len, texts)):.0f} characters on average"
    )
    return Contest(title, len(texts), works)


def skipping(screen: Screening, texts: Sequence[str], folder: Path) -> Work:
    """The work of ``ruthan score --screen`` on as many texts that it skips."""
    given = folder / "given.jsonl"
    skipped = islice(cycle(filter(screen.lets_out, texts)), len(texts))
    rows = ({"id": str(k), "text": text} for k, text in enumerate(skipped))
    given.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    scorer = Scorer(ScoringJob(screened=True, threads=1))

    def work() -> None:
        spool, records = Spool(folder / "out.jsonl", runs=[""], restart=True), records_of(given, 0)
        while part := list(islice(records, AT_ONCE)):
            spool.add(scorer.lines(part))
        spool.close()

    return work


def bulk_contest(most: int, texts: Sequence[str]) -> tuple[Contest, Sequence[str]]:
    """Bulk work on a stream of nine unrelated texts per test listing, with and without the prefilter.

    Returns:
        The contest and the unrelated texts in it: of few, another share is skipped than of all.
    """
    chance, tests = random.Random(0), [record.text for record in load_split(Split.TEST)]
    count = min(most, len(tests), len(texts) // GOODS_PER_LISTING)
    if not count:
        raise SystemExit("name at least nine texts unrelated to health")
    listings = chance.sample(tests, count)
    goods = chance.sample(list(texts), GOODS_PER_LISTING * count)
    stream = [*listings, *goods]
    chance.shuffle(stream)

    def work(given: Sequence[str], screened: bool) -> Work:
        scorer = Scorer(ScoringJob(screened=screened, seen_bytes=0))
        records = [Record(0, k, Listing(id=str(k), description=text)) for k, text in enumerate(given)]

        def run() -> None:
            forget_words()
            scorer.lines(records)

        return run

    long, short = (statistics.mean(map(len, some)) for some in (listings, goods))
    title = (
        f"Bulk work, {len(listings)} listings of {long:.0f} characters on average, nine times as many texts "
        f"unrelated to health of {short:.0f}"
    )
    works = {WITHOUT: work(stream, False), WITH: work(stream, True), HEALTH: work(listings, False)}
    return Contest(title, len(stream), works), goods


def what_skipping_saves(costs: Mapping[str, Cost], skipped: float) -> str:
    """How much faster bulk work can become, from measured processor time."""
    whole = costs[WITHOUT].processor
    goods = 1 - costs[HEALTH].processor / whole
    return (
        f"The texts unrelated to health take {goods:.0%} of the processor time without the prefilter, which "
        f"skips {skipped:.0%} of them and makes bulk work {whole / costs[WITH].processor:.2f} times as fast. "
        f"If it skipped {AIM_SKIPPED:.0%} of them and cost nothing, bulk work would be "
        f"{1 / (1 - AIM_SKIPPED * goods):.2f} times as fast; {AIM_GAIN:.0f} times as fast needs "
        f"{(1 - 1 / AIM_GAIN) / goods:.0%}."
    )


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=20, help="test listings in bulk work")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--off-health", type=Path, help="texts unrelated to health")
    add_write(parser)
    chosen = parser.parse_args()
    bundle = load_bundle(default_bundle())
    if bundle.screen_path is None:
        raise SystemExit("the bundle has no prefilter")
    screen, both = Prefilter.load(bundle.screen_path), Screening(bundle, threads=1)
    texts = texts_off_health(chosen.off_health)
    bulk, goods = bulk_contest(chosen.listings, texts)
    with tempfile.TemporaryDirectory() as folder:
        contests = [alone_contest(screen, both, texts, Path(folder)), bulk]
        results = hold(contests, chosen.repeats)
    parts: list[Table | str] = [
        table(contest, costs) for contest, costs in zip(contests, results, strict=True)
    ]
    skipped = statistics.mean(map(both.lets_out, goods))
    publish("model.screen", [*parts, what_skipping_saves(results[1], skipped)], chosen.write)


if __name__ == "__main__":
    main()
