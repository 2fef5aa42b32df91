"""Refuse, as problem documents, what the model cannot assess in time."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.api.pointers import pointer_to
from service.api.problems import TOO_BUSY, TOO_LARGE, Problem
from service.inference_pool.answering import AnswerLate, ListingTooLong
from service.inference_pool.pool import PoolFull
from service.settings import Settings


@contextmanager
def problems_of_assessing(settings: Settings) -> Iterator[None]:
    """Raise a :class:`Problem` when the queue is full, the answer is late, or a listing is too long."""
    seconds = settings.answer_seconds
    try:
        yield
    except PoolFull as full:
        raise Problem(
            TOO_BUSY, f"{full}: send it again in {full.retry_after} s", retry_after=full.retry_after
        ) from full
    except AnswerLate as late:
        raise Problem(
            TOO_BUSY,
            f"{late}: send fewer listings at once, or try again when the queue is shorter",
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
