"""The child process that compares pictures; it opens no connection and writes no file."""

import json
import os
import sys
from functools import lru_cache
from typing import Any

import cv2

from inference.pictures.bounds import bound_process
from inference.pictures.errors import PictureError
from inference.pictures.likeness.coarse import coarse_bands
from inference.pictures.likeness.features import Features, features_of
from inference.pictures.likeness.matching import match
from inference.pictures.messages import receive, send
from inference.pictures.ocr.decode import decode


@lru_cache(maxsize=1)
def _new(content: bytes) -> tuple[list[int], Features, Features]:
    """Return the bands and features of a picture, which is compared with several in turn."""
    pixels, _ = decode(content)
    return coarse_bands(pixels), *features_of(pixels)


def compared(content: bytes, known: bytes | None) -> dict[str, Any]:
    """Return the bands of a picture and its match with a known one; raises :class:`PictureError`."""
    bands, new, mirrored = _new(content)
    found = None
    if known is not None:
        found = match(features_of(decode(known)[0])[0], new, mirrored)
    return {"bands": bands, "match": found and {"corners": found.corners, "mirrored": found.mirrored}}


def main(most_bytes: int) -> None:
    """Serve requests, each a picture and a known one or nothing, until the parent closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Keep what libraries print out of the answers.
    cv2.setNumThreads(1)
    bound_process()
    while (content := receive(sys.stdin.buffer, most_bytes)) is not None:
        known = receive(sys.stdin.buffer, most_bytes)
        if known is None:
            return
        try:
            answer = compared(content, known or None)
        except PictureError as error:
            answer = {"error": error.code, "values": error.values}
        send(answers, json.dumps(answer, default=str).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
