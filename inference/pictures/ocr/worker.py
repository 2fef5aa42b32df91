"""The child process that decodes and reads pictures: whatever a file does to it, only this process ends.

It takes pictures on standard input and answers on standard output. It opens no connection, writes no file,
and has a bound on its memory.
"""

import json
import os
import sys
from typing import Any

from inference.pictures.bounds import bound_process
from inference.pictures.errors import PictureError
from inference.pictures.messages import encoded, receive, send
from inference.pictures.ocr.decode import decode
from inference.pictures.ocr.engine import load_engine
from inference.pictures.ocr.strips import read_whole


def _problem(error: PictureError) -> bytes:
    return json.dumps({"error": error.code, "values": error.values}, default=str).encode()


def main(engine_name: str, most_bytes: int) -> None:
    """Answer until the parent closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    bound_process()
    try:
        engine = load_engine(engine_name)
    except PictureError as error:
        send(answers, _problem(error))
        return
    ready: dict[str, Any] = {"engine": engine.name}
    send(answers, json.dumps(ready).encode())
    while (content := receive(sys.stdin.buffer, most_bytes)) is not None:
        try:
            pixels, scale = decode(content, strips=True)
            answer = encoded(read_whole(engine, pixels), scale)
        except PictureError as error:
            answer = _problem(error)
        except (MemoryError, RuntimeError):
            answer = _problem(PictureError("picture_failed"))
        send(answers, answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
