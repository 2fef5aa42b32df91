"""``zlib.crc32`` of many short runs of bytes at once.

A CRC is linear: that of a run is the exclusive or of what each byte adds, which depends only on the byte and
on how many bytes follow it. So one look-up per byte in a table and one reduction give the hashes of all runs.
"""

import zlib
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

LONGEST: Final = 254
"""Bytes of a run that the tables cover; ``zlib`` hashes longer ones one by one."""

_BEFORE: Final = 2
"""Rows of the table before that of a last byte: a pair may leave two bytes of a hash as they are."""

_LINE_END, _LEAST_OF_RUN = ord("\n"), ord("0")

Hashes = npt.NDArray[np.uint32]
Lines = npt.NDArray[np.int64]


class RunHashes(NamedTuple):
    """The hashes of runs and of pairs of neighbouring runs, each with the number of its line."""

    runs: Hashes
    run_lines: Lines
    pairs: Hashes
    pair_lines: Lines


def run_hashes(content: bytes) -> RunHashes:
    """The CRC-32 of every run, and of every two neighbours of a line joined by one space.

    Args:
        content: runs of bytes from ``0`` (48) on with spaces between; each line begins with a line feed, and
            one more ends the last.
    """
    table, zeros = _tables()
    letters = np.frombuffer(content, np.uint8)
    separators = np.flatnonzero(letters < _LEAST_OF_RUN)
    sizes = np.diff(separators)
    followed_by = np.repeat(separators[1:], sizes) - np.arange(1, len(letters))
    row = np.minimum(followed_by, LONGEST) + _BEFORE
    # What the bytes of " run" add; of a line's first run, what those of "\nrun" do.
    spaced = np.bitwise_xor.reduceat(table[row * 256 + letters[:-1]], separators[:-1])

    present = np.flatnonzero(sizes > 1)
    first, length = separators[present], sizes[present] - 1
    lines = np.cumsum(letters[separators] == _LINE_END)[present] - 1
    known = np.minimum(length, LONGEST)
    spaced = spaced[present]
    alone = spaced ^ table[(known + _BEFORE) * 256 + letters[first]]
    runs = alone ^ zeros[known]
    pairs = _moved(alone[:-1], known[1:] + 1) ^ spaced[1:] ^ zeros[known[:-1] + 1 + known[1:]]

    def run(place: int) -> bytes:
        return content[first[place] + 1 : first[place] + 1 + length[place]]

    for place in np.flatnonzero(length > LONGEST).tolist():
        runs[place] = zlib.crc32(run(place))
        for left in range(max(0, place - 1), min(place + 1, len(pairs))):
            pairs[left] = zlib.crc32(run(left) + b" " + run(left + 1))
    neighbours = lines[:-1] == lines[1:]
    return RunHashes(runs, lines, pairs[neighbours], lines[1:][neighbours])


def _moved(sums: Hashes, count: npt.NDArray[np.int64]) -> Hashes:
    """What the bytes behind ``sums`` add if ``count`` more bytes, two at least, follow them."""
    table, _ = _tables()
    row = (count - 1 + _BEFORE) * 256
    found = table[row + (sums & 255)]
    for byte in range(1, 4):
        found ^= table[row - 256 * byte + (sums >> (8 * byte) & 255)]
    return found


@cache
def _tables() -> tuple[Hashes, Hashes]:
    """What a byte adds, by bytes that follow it and its value, and the CRC-32 of so many zero bytes."""
    zero = zlib.crc32(b"\0")
    last = np.array([zlib.crc32(bytes([value])) ^ zero for value in range(256)], np.uint32)
    rows = [np.arange(256, dtype=np.uint32) << 8]
    for _ in range(LONGEST + _BEFORE):
        rows.append(last[rows[-1] & 255] ^ (rows[-1] >> 8))
    zeros = [zlib.crc32(bytes(count)) for count in range(2 * LONGEST + 2)]
    return np.concatenate(rows), np.array(zeros, np.uint32)
