"""Decides by geometry whether two pictures show the same: enough corners agree on one affine map."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.pictures.likeness.features import Features

RATIO = 0.85
"""A corner's nearest descriptor must be this much nearer than the second (Lowe's test)."""

NEAR, REACH = 24.0, 6.0
"""Maximum error of a corner in pixels under a similarity, and under the affine map fitted to the inliers."""

LEAST_CORNERS = 25
LEAST_CELLS = 3
LEAST_SHARE = 0.38
"""Minimum number of corners that agree, of cells of the known picture that contain some of them, and their
share of the cells in which either picture has corners. Two screenshots of one app agree in its bars only,
which are fewer cells."""

LEAST_COMMON = 0.6
"""Minimum share of the smaller picture that lies in the other; less is a logo or a price star in both."""

CELLS = 8
"""Cells per side of the known picture."""

_MOST_STRETCH = 1.7
_SCALES = (0.15, 7.0)


Points = npt.NDArray[np.float32]
Affine = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Match:
    """A match of one picture within another.

    Attributes:
        corners: how many agree on the map.
        share: share of the cells with corners in which some agree, 0 to 1.
        mirrored: whether one is the mirror image of the other.
    """

    corners: int
    share: float
    mirrored: bool


def match(known: Features, new: Features, mirrored: Features) -> Match | None:
    """Return the match of a known picture in a new one or its mirror image; ``None`` without one."""
    for seen, is_mirrored in ((new, False), (mirrored, True)):
        found = _match(known, seen, is_mirrored)
        if found is not None:
            return found
    return None


def _match(known: Features, seen: Features, is_mirrored: bool) -> Match | None:
    pairs = _pairs(known, seen)
    if len(pairs) < LEAST_CORNERS:
        return None
    start, end = known.points[pairs[:, 0]], seen.points[pairs[:, 1]]
    affine = _affine(start, end)
    if affine is None or not _is_plausible(affine):
        return None
    agreeing = np.linalg.norm(_mapped(start, affine) - end, axis=1) < REACH
    corners = min(len(np.unique(pairs[agreeing, 0])), len(np.unique(pairs[agreeing, 1])))
    if corners < LEAST_CORNERS or _common_area(known, seen, affine) < LEAST_COMMON:
        return None
    cells, share = _share(known, seen, affine, start[agreeing])
    return Match(corners, share, is_mirrored) if cells >= LEAST_CELLS and share >= LEAST_SHARE else None


def _pairs(known: Features, seen: Features) -> npt.NDArray[np.int64]:
    if len(known.points) < LEAST_CORNERS or len(seen.points) < LEAST_CORNERS:
        return np.zeros((0, 2), np.int64)
    near = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(known.descriptors, seen.descriptors, 2)
    good = [(a.queryIdx, a.trainIdx) for a, b in near if a.distance < RATIO * b.distance]
    return np.array(good, np.int64).reshape(-1, 2)


def _affine(start: Points, end: Points) -> Affine | None:
    """Return an affine map on which most corners agree.

    A similarity is fitted first, since it cannot degenerate.
    """
    rough, agreeing = cv2.estimateAffinePartial2D(
        start, end, method=cv2.RANSAC, ransacReprojThreshold=NEAR, maxIters=1000, confidence=0.995
    )
    if rough is None:
        return None
    inside = agreeing.ravel().astype(bool)
    if inside.sum() < LEAST_CORNERS:
        return None
    fine, _ = cv2.estimateAffine2D(
        start[inside],
        end[inside],
        method=cv2.RANSAC,
        ransacReprojThreshold=REACH,
        maxIters=1000,
        confidence=0.995,
    )
    return None if fine is None else np.asarray(fine, np.float32)


def _mapped(points: Points, affine: Affine) -> Points:
    return points @ affine[:, :2].T + affine[:, 2]


def _is_plausible(affine: Affine) -> bool:
    """Whether the map can result from an edit: no mirroring, little stretch."""
    if np.linalg.det(affine[:, :2]) <= 0:
        return False
    large, small = np.linalg.svd(affine[:, :2], compute_uv=False)
    return bool(_SCALES[0] < small and large < _SCALES[1] and large < _MOST_STRETCH * small)


def _common_area(known: Features, seen: Features, affine: Affine) -> float:
    """Return the share of the smaller picture's area that lies in the other."""
    corners = np.array([(0, 0), (known.width, 0), (known.width, known.height), (0, known.height)], np.float32)
    there = np.array([(0, 0), (seen.width, 0), (seen.width, seen.height), (0, seen.height)], np.float32)
    here = _mapped(corners, affine)
    common, _ = cv2.intersectConvexConvex(here, there)
    return float(common / min(cv2.contourArea(here), seen.width * seen.height))


def _share(known: Features, seen: Features, affine: Affine, agreeing: Points) -> tuple[int, float]:
    """Return the number of cells in which corners agree, and their share of the common cells with corners."""
    inverse = cv2.invertAffineTransform(affine).astype(np.float32)
    mapped, back = _mapped(known.points, affine), _mapped(seen.points, inverse)
    one = _cells(known, known.points[_within(mapped, seen)])
    other = _cells(known, back[_within(back, known)])
    agreed = _cells(known, agreeing)
    return len(agreed), len(agreed) / max(1, len(one | other))


def _within(points: Points, picture: Features) -> npt.NDArray[np.bool_]:
    return np.asarray(((points >= 0) & (points < (picture.width, picture.height))).all(axis=1))


def _cells(known: Features, points: Points) -> set[tuple[int, int]]:
    step = np.array([known.width, known.height], np.float32) / CELLS
    return {(int(x), int(y)) for x, y in points // step}
