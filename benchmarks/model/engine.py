"""The engine against other implementations on the same weights and texts: tables, and a chart of the ratios.

    python -m benchmarks.model.engine --listings 40 --repeats 3        # make bench does this too

Others: Hugging Face's ``pipeline`` in PyTorch (batches of 32, truncated at the model's limit, as a user would
write it), the former int8 graph with ONNX Runtime and batching as in ``optimum``'s pipeline (padded batches
of 32, and one by one; ``optimum`` itself cannot be installed beside transformers 5), and the keyword scanner
as the floor. The ceiling is the model's int8 matrix products alone. The same is repeated with the small
bundle and in WangchanBERTa's shape with random weights. All take turns within one run; figures are medians.

The texts have a marketplace's lengths (``benchmarks.model.market_texts``), or are the test split's with
``--as-they-are``. The engine reads each to its end while the others truncate it, so a column gives the time
per token read.
"""

import argparse
import logging
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.table import Table

from benchmarks.model.contest import Contest, hold, table, write_chart
from benchmarks.model.flagship_shape import random_model
from benchmarks.model.int8_products import COMPACT, FULL, SMALL, EncoderShape
from benchmarks.model.market_texts import described, lengths, market_texts
from benchmarks.model.peers import BATCH, LIMIT, Work, ceiling, onnx_peer, pipeline_peer, write_peers
from benchmarks.page import PAGE, add_write, publish
from inference.classifier import Classifier
from inference.keywords import KeywordBaseline
from inference.model.bundle import MODEL, Bundle, load_bundle, shipped_bundle
from inference.model.bundle import SMALL as SMALL_NAME
from inference.model.engine import Engine
from inference.text.reading import read
from inference.text.words import dictionary, forget_words, split_words
from labels.dataset.shipped import Split, load_split
from labels.schema import Listing
from training.base.bundle import base_from_bundle
from training.data.examples import FLAGSHIP_SHAPE
from training.fit.model import ThreeHeadModel
from training.releasing.serving_graph import write_int8_graph

OWN = "the engine: text to probabilities"
CEILING = "bare int8 products (ceiling)"
CHART = PAGE.parent / "images" / "speed.svg"


def test_texts(count: int) -> list[str]:
    """Texts of the test split, long and short in the dataset's proportions."""
    records = load_split(Split.TEST)
    return [records[number % len(records)].text for number in range(count)]


def shipped_contest(
    bundle: Bundle, shape: EncoderShape, texts: Sequence[str], folder: Path, more: Mapping[str, Work]
) -> Contest:
    """A bundle that ships with the project, others on its weights, and further works."""
    base_from_bundle(bundle, folder)
    write_peers(ThreeHeadModel.from_pretrained(folder), bundle.tokenizer_path, folder)
    listings = [Listing(id=str(k), description=text) for k, text in enumerate(texts)]
    whole, known = Classifier(bundle.folder, seen_bytes=0), Classifier(bundle.folder)
    known.classify(listings)
    others = peers(folder, texts, LIMIT)
    works: dict[str, Work] = {
        OWN: engine_work(bundle, texts),
        "whole assessment": lambda: whole.classify(listings),
        "texts seen before": lambda: known.classify(listings),
        **others,
        CEILING: ceiling(bundle, shape, texts),
        **more,
    }
    read_by_others = dict.fromkeys(others, share_within(texts, LIMIT))
    return Contest(f"{bundle.manifest.name} bundle, {len(texts)} listings", len(texts), works, read_by_others)


def other_works(small: Bundle, texts: Sequence[str]) -> dict[str, Work]:
    """What stands beside the compact bundle: the small one, the keyword scanner, and segmentation alone."""
    keywords = KeywordBaseline()
    return {
        "the small bundle: text to probabilities": engine_work(small, texts),
        "keyword scanner (floor)": lambda: [keywords.scan(text) for text in texts],
        **word_peers(texts),
    }


def full_contest(bundle: Bundle, texts: Sequence[str], folder: Path) -> Contest:
    """WangchanBERTa's shape, windows and vocabulary size with random weights and the compact tokenizer."""
    model, size = random_model(), FLAGSHIP_SHAPE
    folder.mkdir()
    write_peers(model, bundle.tokenizer_path, folder)
    write_int8_graph(model, folder / MODEL, [np.arange(5, size.size)])
    cut = {"window": size.size, "overlap": size.overlap, "head": size.head, "slack": size.slack, "files": {}}
    full = replace(bundle, folder=folder, manifest=bundle.manifest.model_copy(update=cut))
    others = peers(folder, texts, size.size)
    works: dict[str, Work] = {
        OWN: engine_work(full, texts),
        **others,
        CEILING: ceiling(full, FULL, texts),
    }
    read_by_others = dict.fromkeys(others, share_within(texts, size.size))
    return Contest(f"WangchanBERTa's shape, {len(texts)} listings", len(texts), works, read_by_others)


def engine_work(bundle: Bundle, texts: Sequence[str]) -> Work:
    """The work from texts to probabilities, with an empty word cache."""
    engine = Engine(bundle)

    def work() -> None:
        forget_words()
        for _ in engine.scores(read(text) for text in texts):
            pass

    return work


def peers(folder: Path, texts: Sequence[str], limit: int) -> dict[str, Work]:
    """The other implementations, in batches of at most 32; they truncate a text at ``limit`` tokens."""
    batch = min(BATCH, len(texts))
    return {
        f"pipeline, PyTorch, batches of {batch}": pipeline_peer(folder, texts, limit),
        f"int8 as optimum runs it, batches of {batch}": onnx_peer(folder, texts, limit, batch),
        "the same one by one": onnx_peer(folder, texts, limit, 1),
    }


def share_within(texts: Sequence[str], limit: int) -> float:
    """The share of the texts' tokens that remains if each is truncated at ``limit``."""
    found = lengths(texts)
    return sum(min(length, limit) for length in found) / sum(found)


def word_peers(texts: Sequence[str]) -> dict[str, Work]:
    """PyThaiNLP's newmm with an empty cache, and nlpo3 if installed, on the same dictionary."""

    def newmm() -> None:
        forget_words()
        for text in texts:
            split_words(text)

    works: dict[str, Work] = {"words: newmm": newmm}
    try:
        import nlpo3
    except ImportError:
        return works
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(sorted(dictionary())))
        file.flush()
        nlpo3.load_dict(file.name, "ruthan")
    works["words: nlpo3"] = lambda: [nlpo3.segment(text, "ruthan") for text in texts]
    return works


def main() -> None:
    """Run the benchmark, print the tables and draw the chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=40)
    parser.add_argument(
        "--as-they-are", action="store_true", help="the test split's texts, which are shorter"
    )
    parser.add_argument("--full-listings", type=int, default=8, help="in WangchanBERTa's shape; 0 for none")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--chart", type=Path, default=Path("bench.svg"), help="output file of the chart")
    add_write(parser)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    bundle, small = load_bundle(shipped_bundle()), load_bundle(shipped_bundle(SMALL_NAME))
    texts = test_texts(chosen.listings) if chosen.as_they_are else market_texts(chosen.listings)
    with tempfile.TemporaryDirectory() as made:
        contests = [
            shipped_contest(bundle, COMPACT, texts, Path(made) / "compact", other_works(small, texts)),
            shipped_contest(small, SMALL, texts, Path(made) / "small", {}),
        ]
        if chosen.full_listings:
            contests.append(full_contest(bundle, texts[: chosen.full_listings], Path(made) / "full"))
        results = hold(contests, chosen.repeats)
    parts: list[Table | str] = [f"{described(texts)}; medians of {chosen.repeats} turns."]
    for contest, costs in zip(contests, results, strict=True):
        parts.append(table(contest, costs))
        parts += [f"The others leave {1 - s:.0%} of the tokens unread." for s in set(contest.read.values())]
        ceiling_share = costs[CEILING].processor / costs[OWN].processor
        parts.append(f"The bare int8 products take {ceiling_share:.0%} of the engine's processor time.")
    publish("model.engine", parts, chosen.write)
    write_chart(contests, results, CHART if chosen.write else chosen.chart)


if __name__ == "__main__":
    main()
