"""The order of training: batches of similar length, with a fixed share of real text if there is any."""

import random
from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import LengthGroupedSampler

MEGABATCH = 50
"""Number of batches that are drawn together and sorted by length to reduce padding."""


def epoch_seed(seed: int, epoch: int) -> int:
    """The seed of one epoch of a run; runs with other seeds share none."""
    return random.Random(f"{seed} {epoch}").getrandbits(63)  # noqa: S311 - order and augmentation


class GroupedSampler(LengthGroupedSampler):
    """Row numbers of an epoch, in batches of similar length.

    Args:
        batch: rows per batch.
        lengths: tokens per row.
        seed: of the order; each epoch uses another one.
    """

    def __init__(self, batch: int, lengths: Sequence[int], seed: int) -> None:
        super().__init__(batch, lengths=list(lengths))
        self._seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer before each epoch, whose order must not depend on those before."""
        self.generator = torch.Generator().manual_seed(epoch_seed(self._seed, epoch))


class MixedSampler(Sampler[int]):
    """Row numbers of an epoch, batch by batch, each with the same number of real windows.

    An epoch reads every written window once; real windows come from shuffled passes over all of them, as
    often as their share of the batches requires.

    Args:
        real: whether each row is a window of real text.
        lengths: tokens per row.
        batch: rows per batch.
        real_in_batch: real rows per batch, at least one and fewer than ``batch``.
        seed: of the order; each epoch uses another one.
    """

    def __init__(
        self, real: Sequence[bool], lengths: Sequence[int], batch: int, real_in_batch: int, seed: int
    ) -> None:
        if not 0 < real_in_batch < batch:
            raise ValueError(f"{real_in_batch} of {batch} windows real: give at least one of each kind")
        self._real = [i for i, kept in enumerate(real) if kept]
        self._written = [i for i, kept in enumerate(real) if not kept]
        self._lengths = lengths
        self._batch = batch
        self._real_in_batch = real_in_batch
        self._seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer before each epoch, whose order must not depend on those before."""
        self._random = torch.Generator().manual_seed(epoch_seed(self._seed, epoch))

    @property
    def _batches(self) -> int:
        return -(-len(self._written) // (self._batch - self._real_in_batch))

    def __len__(self) -> int:
        return len(self._written) + self._batches * self._real_in_batch

    def __iter__(self) -> Iterator[int]:
        written = self._shuffled(self._written)
        real: list[int] = []
        while len(real) < self._batches * self._real_in_batch:
            real += self._shuffled(self._real)
        of_written = self._batch - self._real_in_batch
        for start in range(0, self._batches, MEGABATCH):
            end = min(start + MEGABATCH, self._batches)
            many = self._by_length(written[start * of_written : end * of_written])
            few = self._by_length(real[start * self._real_in_batch : end * self._real_in_batch])
            for k in torch.randperm(end - start, generator=self._random).tolist():
                yield from few[k * self._real_in_batch : (k + 1) * self._real_in_batch]
                yield from many[k * of_written : (k + 1) * of_written]

    def _shuffled(self, rows: Sequence[int]) -> list[int]:
        return [rows[i] for i in torch.randperm(len(rows), generator=self._random).tolist()]

    def _by_length(self, rows: Sequence[int]) -> list[int]:
        return sorted(rows, key=lambda row: -self._lengths[row])
