"""Turns failures to assess in time into problem documents."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import anyio

from inference.pictures.assess import GivenPicture, read_pictures
from inference.pictures.reader import PictureReader
from service.api.pointers import pointer_to
from service.api.problems import TOO_BUSY, TOO_LARGE, Problem
from service.inference_pool.answering import AnswerLate, ListingTooLong
from service.inference_pool.pool import PoolFull
from service.settings import Settings


@contextmanager
def problems_of_assessing(settings: Settings) -> Iterator[None]:
    """Raise a :class:`Problem` if the queue is full, the model is too slow, or a listing is too long."""
    seconds = settings.server.answer_seconds
    try:
        yield
    except PoolFull as full:
        raise Problem(
            TOO_BUSY,
            f"{full}: send it again in {full.retry_after} s",
            retry_after=full.retry_after,
            thai=f"มีคำขอรออยู่จำนวนมาก โปรดส่งอีกครั้งใน {full.retry_after} วินาที",
        ) from full
    except AnswerLate as late:
        raise Problem(
            TOO_BUSY,
            f"{late}: send fewer listings at once, or try again when the queue is shorter",
            thai=f"ระบบตรวจไม่เสร็จภายใน {seconds:g} วินาที โปรดส่งครั้งละน้อยลง หรือลองใหม่ภายหลัง",
        ) from late
    except ListingTooLong as error:
        size, most = len(error.listing.text), error.most
        detail = (
            f"listing {error.listing.id} has {size:,} characters: at the measured speed"
            f" at most {most:,} are read within {seconds:g} s; shorten it, or send it to"
            " /v1/batches or /v1/listings"
        )
        thai = (
            f"รายการ {error.listing.id} ยาว {size:,} อักขระ ขณะนี้ระบบอ่านได้ไม่เกิน {most:,} อักขระใน"
            f" {seconds:g} วินาที โปรดย่อให้สั้นลง หรือส่งทาง /v1/batches หรือ /v1/listings"
        )
        pointer = pointer_to("listings", error.number)
        raise Problem(TOO_LARGE, detail, [{"pointer": pointer, "detail": detail}], thai=thai) from error


async def read_all(
    reader: PictureReader, pictures: Sequence[Sequence[bytes]], seconds: float
) -> list[list[GivenPicture]]:
    """Read the pictures of each listing; raises a 503 :class:`Problem` after ``seconds``."""
    late = threading.Event()
    if not any(pictures):
        return [[] for _ in pictures]

    def read() -> list[list[GivenPicture]]:
        found = []
        for one in pictures:
            given: list[GivenPicture] = []
            for content in one:
                if late.is_set():
                    return []
                given += read_pictures(reader, [("", content)])
            found.append(given)
        return found

    with anyio.move_on_after(seconds):
        return await anyio.to_thread.run_sync(read, abandon_on_cancel=True)
    late.set()
    raise Problem(
        TOO_BUSY,
        f"the pictures were not read within {seconds:g} s: send fewer at once, or to /v1/listings",
        thai=f"อ่านภาพไม่เสร็จภายใน {seconds:g} วินาที โปรดส่งครั้งละน้อยลง หรือส่งทาง /v1/listings",
    )
