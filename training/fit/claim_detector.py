"""Fits the prefilter's claim detector (:mod:`inference.model.claim_detector`).

Tokens of marked prohibited claims are the positives, tokens of ordinary goods the negatives. The other tokens
of listings about health are neither: whether they score high does not matter.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.model.encoding import Encoder
from inference.model.prefilter import Prefilter
from inference.text.reading import read
from labels.schema import Annotation
from labels.taxonomy import PROHIBITED_LABELS, ProductClass
from training.augmentation.disguise import disguise
from training.evaluation.calibrate import REAL_WEIGHT, is_prohibited
from training.fit.prefilter import (
    DISGUISED,
    Fold,
    part_of,
    spellings,
    threshold_under,
    without_everyday,
)

WIDTH, CHANNELS = 64, 96
"""Numbers of a token's embedding and of the hidden channels."""

EPOCHS, FEWEST_STEPS, RATE = 7, 20, 2e-3
"""Draws of a passage with a claim, fewest batches, highest rate of the one cycle (Smith and Topin, 2019)."""

CLAIMS, GOODS = 32, 64
"""Passages with a claim and passages of ordinary goods in a batch."""

PASSAGE, AROUND = 128, 50
"""Longest passage, and most tokens of goods on each side of a claim that is put among them."""

LONGEST = 6000
"""Maximum characters per text, so that a few long reports do not outweigh thousands of listings."""

EVERYDAY, REAL_GOODS, HARD = 4.0, 2.0, 0.3
"""How often texts without claims are drawn, relative to posts and news: everyday listings, those that real
sellers wrote, and those that were written to look like health goods."""

MARGIN = 0.5
"""Margin of the threshold below what the bounds ask. With it, claims among goods are lost no more often than
by the linear model alone (``benchmarks.texts.screened``)."""

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Passage:
    """A text's tokens.

    Attributes:
        claims: the tokens of its prohibited claims; none: a text without claims.
        weight: how often it is drawn.
        part: its fold of cross-fitting; ``None``: it is in none.
    """

    ids: Ids
    claims: Sequence[tuple[int, int]]
    weight: float
    part: int | None


class ClaimNetwork(nn.Module):
    """Scores each token by seven on either side: two convolutions over reduced token embeddings, and a mean.

    Args:
        embeddings: of the base, shape ``(pieces, hidden)``; their first principal components are the start.
    """

    def __init__(self, embeddings: Floats) -> None:
        super().__init__()
        self.pad = len(embeddings)
        self.embedding = nn.Embedding(len(embeddings) + 1, WIDTH, padding_idx=self.pad)
        self.near = nn.Conv1d(WIDTH, CHANNELS, 5, padding=2)
        self.wide = nn.Conv1d(CHANNELS, CHANNELS, 5, padding=4, dilation=2)
        self.head = nn.Conv1d(CHANNELS, 1, 1)
        self.dropout = nn.Dropout(0.15)
        with torch.no_grad():
            self.embedding.weight[:-1] = torch.from_numpy(_reduced(embeddings))

    def forward(self, ids: Tensor) -> Tensor:
        """Scores of the tokens, of the same shape as ``ids``: ``(batch, tokens)``."""
        # Padding must stay zero in every layer, as what lies beyond the end of a text.
        there = (ids != self.pad).unsqueeze(1).float()
        hidden = self.dropout(self.embedding(ids).transpose(1, 2))
        hidden = torch.relu(self.near(hidden)) * there
        hidden = hidden + torch.relu(self.wide(self.dropout(hidden)))
        scores = self.head(self.dropout(hidden)) * there
        near = nn.functional.avg_pool1d(there, 3, 1, 1).clamp(min=1 / 3)
        scores = (nn.functional.avg_pool1d(scores, 3, 1, 1) / near)[:, 0]
        return scores.masked_fill(ids == self.pad, -20.0)

    def highest(self, ids: Ids) -> float:
        """The highest score of a text's tokens, shape ``(tokens,)``."""
        with torch.no_grad():
            return float(self(torch.from_numpy(ids)[None, :]).max()) if len(ids) else 0.0


def _reduced(embeddings: Floats) -> Floats:
    """The first :data:`WIDTH` principal components, with unit variance over all."""
    centred = embeddings - embeddings.mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    found = centred @ vectors[:, ::-1][:, :WIDTH]
    padded = np.zeros((len(found), WIDTH), np.float32)
    padded[:, : found.shape[1]] = found / found.std()
    return padded


def fit_detector(
    screen: Prefilter,
    folds: Sequence[Fold],
    train: Sequence[Annotation],
    validation: Sequence[Annotation],
    encoder: Encoder,
    embeddings: Floats,
    other_texts: Sequence[str] = (),
    real: Sequence[Annotation] = (),
    real_train: Sequence[Annotation] = (),
    seed: int = 0,
    say: Callable[[str], None] = print,
) -> tuple[ClaimNetwork, float]:
    """Fit the network and the threshold of its sum with the linear model's score.

    The threshold keeps the bounds of :func:`training.fit.prefilter.fit_screen`; for those on the training
    texts, the network is fitted once more without each fold.

    Args:
        screen: the linear model, fitted on the same texts.
        folds: of its cross-fitting.
        other_texts: texts that mostly hold no claim, such as posts and news.
        real: real validation texts.
        real_train: real training texts, drawn :data:`~training.evaluation.calibrate.REAL_WEIGHT` times.
    """
    train, goods = without_everyday(train)
    chance = random.Random(seed)  # noqa: S311 - which texts are disguised
    passages = [
        *_with_claims(train, real_train, encoder, chance),
        *_without_claims(train, real_train, goods, other_texts, encoder),
    ]

    def sums(linear: Prefilter, network: ClaimNetwork, texts: Sequence[str]) -> list[float]:
        ids = (_ids(text, encoder) for text in texts)
        return [a + network.highest(b) for a, b in zip(linear.scores(texts), ids, strict=True)]

    say(f"fitting the claim detector, {1 + len(folds)} times …")
    network = fit_network(passages, embeddings, seed)
    unknown: list[float] = []
    for number, fold in enumerate(folds):
        if fold.texts:
            without = fit_network([p for p in passages if p.part != number], embeddings, seed)
            unknown += sums(fold.without, without, fold.texts)
        say(f"fitted without part {number + 1} of {len(folds)}")
    held_out = [
        sums(screen, network, texts) for records in (validation, real) for texts in spellings(records, seed)
    ]
    return network, threshold_under(unknown, held_out, MARGIN)


def fit_network(passages: Sequence[Passage], embeddings: Floats, seed: int) -> ClaimNetwork:
    """The network in evaluation mode, fitted if there are passages with claims and without."""
    torch.manual_seed(seed)
    network = ClaimNetwork(embeddings)
    claimed = [p for p in passages if p.claims]
    plain = [p for p in passages if not p.claims]
    if not claimed or not plain:
        return network.eval()
    draws = _Draws(claimed, plain, random.Random(seed))  # noqa: S311 - draws of a fit
    steps = max(FEWEST_STEPS, -(-EPOCHS * len(claimed) // CLAIMS))
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for _ in range(steps):
        drawn = draws.batch()
        loss = _loss(network(_padded([ids for ids, _ in drawn], network.pad)), drawn)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return network.eval()


def _with_claims(
    train: Sequence[Annotation], real: Sequence[Annotation], encoder: Encoder, chance: random.Random
) -> Iterator[Passage]:
    """Texts with prohibited claims, some of them disguised as well."""
    for records, weight in ((real, REAL_WEIGHT), (train, 1.0)):
        for record in filter(is_prohibited, records):
            both = [(record, weight)]
            if chance.random() < DISGUISED:
                both.append((disguise(record, chance), 1.0))
            for spelling, drawn in both:
                passage = _marked(spelling, encoder, drawn)
                if passage.claims:
                    yield passage


def _without_claims(
    train: Sequence[Annotation],
    real: Sequence[Annotation],
    goods: Sequence[str],
    other_texts: Sequence[str],
    encoder: Encoder,
) -> Iterator[Passage]:
    """Ordinary goods, posts and news."""
    plain: list[tuple[str, float, int | None]] = [(text, EVERYDAY, None) for text in goods]
    plain += [(text, 1.0, None) for text in other_texts]
    for records, weight in ((real, REAL_GOODS), (train, HARD)):
        plain += [
            (record.text, weight, part_of(record))
            for record in records
            if record.product_class is ProductClass.OTHER and not record.spans
        ]
    for text, weight, part in plain:
        ids = _ids(text[:LONGEST], encoder)
        if len(ids):
            yield Passage(ids, (), weight * max(1.0, len(ids) / PASSAGE), part)


def _ids(text: str, encoder: Encoder) -> Ids:
    return encoder.ids(read(text))


def _marked(record: Annotation, encoder: Encoder, weight: float) -> Passage:
    tokens = encoder.encode(read(record.text[:LONGEST]))
    claims = []
    for span in record.spans:
        inside = np.flatnonzero((tokens.starts < span.end) & (tokens.ends > span.start))
        if span.label in PROHIBITED_LABELS and len(inside):
            claims.append((int(inside[0]), int(inside[-1]) + 1))
    return Passage(np.asarray(tokens.ids, np.int64), claims, weight, part_of(record))


Drawn = tuple[Ids, Sequence[tuple[int, int]]]
"""The tokens of a passage and those of its claims; none: a passage of goods."""


class _Draws:
    """Draws batches by the passages' weights."""

    def __init__(self, positive: list[Passage], negative: list[Passage], chance: random.Random) -> None:
        self._chance = chance
        self._positive, self._negative = positive, negative
        self._by_positive = list(accumulate(p.weight for p in positive))
        self._by_negative = list(accumulate(p.weight for p in negative))

    def batch(self) -> list[Drawn]:
        """Passages with claims, half of them a claim among goods, then passages of goods."""
        chosen = self._chance.choices(self._positive, cum_weights=self._by_positive, k=CLAIMS)
        plain = self._chance.choices(self._negative, cum_weights=self._by_negative, k=GOODS)
        drawn = [self._among_goods(p) if self._chance.random() < 0.5 else self._cut(p) for p in chosen]
        return [*drawn, *(self._cut(p) for p in plain)]

    def _cut(self, passage: Passage) -> Drawn:
        """A part of a passage, around one of its claims if it has any."""
        ids, claims = passage.ids, passage.claims
        start = 0
        if len(ids) > PASSAGE:
            if claims:
                first, last = self._chance.choice(claims)
                start = (first + last) // 2 - self._chance.randrange(8, PASSAGE - 8)
            else:
                start = self._chance.randrange(len(ids) - PASSAGE + 1)
            start = min(max(0, start), len(ids) - PASSAGE)
        end = start + PASSAGE
        inside = [(max(0, a - start), min(b, end) - start) for a, b in claims if a < end and b > start]
        return ids[start:end], inside

    def _among_goods(self, passage: Passage) -> Drawn:
        """One claim of a passage with tokens of goods before and after it."""
        first, last = self._chance.choice(passage.claims)
        (goods,) = self._chance.choices(self._negative, cum_weights=self._by_negative)
        middle = self._chance.randrange(len(goods.ids) + 1)
        before, after = goods.ids[:middle][-AROUND:], goods.ids[middle:][:AROUND]
        start = max(0, first - 2)
        ids = np.concatenate([before, passage.ids[start : last + 2], after])[: PASSAGE + AROUND]
        at = len(before) + first - start
        return ids, [(at, min(len(ids), at + last - first))]


def _padded(rows: Sequence[Ids], pad: int) -> Tensor:
    """Rows of different lengths as one tensor of shape ``(rows, longest)``."""
    found = np.full((len(rows), max(map(len, rows))), pad, np.int64)
    for place, row in enumerate(rows):
        found[place, : len(row)] = row
    return torch.from_numpy(found)


def _loss(scores: Tensor, drawn: Sequence[Drawn]) -> Tensor:
    """Logistic loss of the highest token of each claim and of all goods, and less of their other tokens."""
    softplus = nn.functional.softplus
    found: list[Tensor] = []
    missed: list[Tensor] = []
    for row, (ids, claims) in zip(scores, drawn, strict=True):
        for start, end in claims:
            claim = -row[start:end]
            found.append(softplus(claim.min()) + 0.3 * softplus(claim).mean())
        if not claims:
            goods = row[: len(ids)]
            strongest = goods.topk(min(4, len(goods))).values
            missed.append(
                softplus(goods.max()) + 0.5 * softplus(goods).mean() + 0.5 * softplus(strongest).mean()
            )
    return torch.stack(found).mean() + torch.stack(missed).mean()
