"""Texts with the length distribution of marketplace pages, built from the shipped dataset.

The dataset's listings are shorter than real ones (half of them under 100 tokens), so unmarked lines of other
long listings are appended: delivery, sizes, how to order, questions and answers. Target lengths are
log-normal: half are under about 370 tokens and few are very long. A given number of texts always gives the
same texts, and fewer texts are a prefix of them; a golden-ratio sequence spreads the targets evenly over the
distribution, so that forty texts are distributed like two thousand.

    python -m benchmarks.model.market_texts --listings 2000       # prints the lengths
"""

import argparse
import math
import random
import statistics
from collections.abc import Sequence

from rich.console import Console
from tokenizers import Tokenizer

from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation

AIM, SPREAD = 357, 0.6
"""Median target length in tokens, and the standard deviation of its logarithm.

Listings longer than their target, and the last line of the others, bring the median to about 370.
"""

GOLDEN = (math.sqrt(5) - 1) / 2
"""The golden ratio: the fractional parts of its multiples are evenly spread between 0 and 1 for any count."""

FEWEST_LINES, SHORTEST_LINE = 6, 15
"""Minimum number of lines in a long listing, and minimum characters of a line worth appending."""


def tokenizer() -> Tokenizer:
    """The tokenizer of the active bundle."""
    made = Tokenizer.from_file(str(load_bundle(default_bundle()).tokenizer_path))
    made.no_truncation()
    made.no_padding()
    return made


def unmarked_lines(records: Sequence[Annotation]) -> list[str]:
    """The distinct unmarked lines of long listings."""
    found: dict[str, None] = {}
    for record in records:
        lines, at = record.text.split("\n"), 0
        for line in lines if len(lines) >= FEWEST_LINES else ():
            end = at + len(line)
            marked = any(span.start < end and span.end > at for span in record.spans)
            if len(line.strip()) >= SHORTEST_LINE and not marked:
                found[line.strip()] = None
            at = end + 1
    return list(found)


def market_texts(count: int, seed: int = 0) -> list[str]:
    """This many texts; a listing of the dataset repeats only after all others."""
    records = [record for split in Split for record in load_split(split)]
    lines, tokens = unmarked_lines(records), tokenizer()
    chance, aims = random.Random(seed), statistics.NormalDist(math.log(AIM), SPREAD)
    chance.shuffle(records)
    made = []
    for number in range(count):
        text = records[number % len(records)].text
        aim = aims.inv_cdf((number + 1) * GOLDEN % 1)
        room = math.exp(aim) - len(tokens.encode(text).ids)
        while room > 0:
            line = chance.choice(lines)
            text += f"\n{line}"
            room -= len(tokens.encode(line).ids)
        made.append(text)
    return made


def lengths(texts: Sequence[str]) -> list[int]:
    """Number of tokens of each text."""
    return [len(made.ids) for made in tokenizer().encode_batch(list(texts), add_special_tokens=False)]


def described(texts: Sequence[str]) -> str:
    """A one-line description of text lengths for a report."""
    found = sorted(lengths(texts))
    tenth, characters = found[len(found) * 9 // 10], statistics.median(map(len, texts))
    return (
        f"{len(found):,} texts, median {statistics.median(found):.0f} tokens ({characters:.0f} characters), "
        f"one in ten over {tenth}, longest {found[-1]:,}"
    )


def main() -> None:
    """Print the lengths."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=2_000)
    Console().print(described(market_texts(parser.parse_args().listings)))


if __name__ == "__main__":
    main()
