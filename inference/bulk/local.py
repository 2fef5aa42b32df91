"""Runs a bulk job in this process."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from inference.bulk.scoring import Line, Scorer, ScoringJob
from inference.bulk.sources import records_of
from inference.bulk.spool import Place

AT_ONCE = 128
"""Records per write: a killed run repeats at most this many."""


def local_lines(files: Sequence[Path], place: Place, job: ScoringJob) -> Iterator[list[Line]]:
    """The result lines of all records from a position on, in order."""
    with closing(Scorer(job)) as scorer:
        for file in range(place.file, len(files)):
            records = records_of(files[file], file, place.number if file == place.file else 0)
            while part := list(islice(records, AT_ONCE)):
                yield scorer.lines(part)
