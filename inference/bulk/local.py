"""A bulk run in this process."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from inference.bulk.scoring import Line, Scorer, ScoringJob
from inference.bulk.sources import records_of
from inference.bulk.spool import Place

AT_ONCE = 128
"""Records between two writes: what a killed run reads again at most."""


def local_lines(files: Sequence[Path], place: Place, job: ScoringJob) -> Iterator[list[Line]]:
    """The lines of all records from a place on, in order."""
    scorer = Scorer(job)
    for file in range(place.file, len(files)):
        records = records_of(files[file], file, place.number if file == place.file else 0)
        while part := list(islice(records, AT_ONCE)):
            yield scorer.lines(part)
