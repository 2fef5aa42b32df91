"""A coarse hash of a picture, by which candidates for the comparison by geometry are looked up.

It survives recompression, scaling and changed colours, but hardly a crop or a frame, and is the same for a
lawful and an unlawful wording of one banner.
"""

import cv2
import numpy as np

from inference.pictures.ocr.engine import Pixels

SIDE, BANDS = 8, 4


def coarse_bands(pixels: Pixels) -> list[int]:
    """Return the hash of differences between neighbours (64 bits) in four bands of 16 bits.

    Two hashes that differ in at most three bits share a band.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA), np.int16)
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return [int(band) for band in bits.view(">u2")]
