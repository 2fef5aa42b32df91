"""Corners of a picture and of its mirror image, with their descriptors (ORB: Rublee et al. 2011)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.pictures.ocr.engine import Pixels

NAME = "orb 800x600 400x400 1"
"""Name of the method; features with different names are never compared."""

SIDE = 800
"""Longer side in pixels of the scaled picture that the coordinates belong to."""

SIZES = ((1.0, 600), (0.5, 400))
"""Scales, as fractions of :data:`SIDE`, at which corners are found, and how many: a screenshot halves a
picture."""

CELLS = 6
"""Cells per side over which corners are spread, so that one busy area does not take them all."""

Grey = npt.NDArray[np.uint8]

_HEAD = struct.Struct("<HHH")


@dataclass(frozen=True)
class Features:
    """Corners of a picture.

    Attributes:
        points: ``(n, 2)``, x and y in pixels of the scaled picture.
        descriptors: ``(n, 32)``, 256 bits each.
        width, height: of the scaled picture.
    """

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]
    width: int
    height: int

    def to_bytes(self) -> bytes:
        """Pack into 36 bytes per corner, little-endian."""
        head = _HEAD.pack(self.width, self.height, len(self.points))
        return head + self.points.round().astype("<u2").tobytes() + self.descriptors.tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Features":
        """Unpack what :meth:`to_bytes` packed."""
        width, height, count = _HEAD.unpack_from(packed)
        start = _HEAD.size + 4 * count
        points = np.frombuffer(packed, "<u2", 2 * count, _HEAD.size).reshape(-1, 2).astype(np.float32)
        descriptors = np.frombuffer(packed, np.uint8, 32 * count, start).reshape(-1, 32)
        return cls(points, descriptors, width, height)


def features_of(pixels: Pixels) -> tuple[Features, Features]:
    """Return the features of a picture, and those of its mirror image."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    grey = _scaled(grey, SIDE / max(grey.shape))
    return _found(grey), _found(np.ascontiguousarray(grey[:, ::-1]))


def _scaled(grey: Grey, factor: float) -> Grey:
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=way), np.uint8)


def _found(grey: Grey) -> Features:
    points, descriptors = [np.zeros((0, 2), np.float32)], [np.zeros((0, 32), np.uint8)]
    for factor, most in SIZES:
        smaller = grey if factor == 1 else _scaled(grey, factor)
        orb = cv2.ORB.create(nfeatures=3 * most, nlevels=4, fastThreshold=12, edgeThreshold=16)
        corners, described = orb.detectAndCompute(smaller, None)
        if len(corners) and described is not None:
            kept = _spread(corners, smaller.shape[1], smaller.shape[0], most)
            points.append(np.array([corners[i].pt for i in kept], np.float32) / factor)
            descriptors.append(np.asarray(described, np.uint8)[kept])
    return Features(np.concatenate(points), np.concatenate(descriptors), grey.shape[1], grey.shape[0])


def _spread(corners: Sequence[cv2.KeyPoint], width: int, height: int, most: int) -> npt.NDArray[np.int64]:
    """Return the indexes of the strongest corners, taking one from each cell in turn."""
    points = np.array([corner.pt for corner in corners])
    strength = np.array([corner.response for corner in corners])
    cell = (points[:, 1] * CELLS // height) * CELLS + points[:, 0] * CELLS // width
    order = np.argsort(-strength, kind="stable")
    rank = np.empty(len(points), int)
    for number in np.unique(cell):
        members = order[cell[order] == number]
        rank[members] = np.arange(len(members))
    return np.lexsort((-strength, rank))[:most].astype(np.int64)
