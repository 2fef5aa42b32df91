"""A sent letter as plain data, and the letter from it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from service.referral.cases.marked_pictures import MarkedPicture
from service.referral.letters.letter import Letter


def as_data(letter: Letter) -> dict[str, Any]:
    """Return the letter without its pictures, which are drawn again from the stored files."""
    found: dict[str, Any] = _letters().dump_python(
        letter, mode="json", exclude={"pictures": {"__all__": {"jpeg"}}}
    )
    return found


def letter_from(data: Mapping[str, Any], pictures: Iterable[MarkedPicture]) -> Letter:
    """Return the letter that was sent, with its pictures as far as they can be drawn."""
    drawn = {picture.number: picture.drawn for picture in pictures}
    pages = [page | {"jpeg": b""} for page in data["pictures"]]
    letter = _letters().validate_python({**data, "pictures": pages})
    return replace(
        letter,
        pictures=tuple(replace(page, jpeg=drawn.get(page.number, b"")) for page in letter.pictures),
    )


@cache
def _letters() -> TypeAdapter[Letter]:
    return TypeAdapter(Letter)
