"""A sent letter as plain data, and the letter from it."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from service.referral.cases.marked_pictures import MarkedPicture
from service.referral.letters.letter import Letter
from service.store.referrals.steps import Wording
from service.store.tables.referral_tables import SentLetter


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


def says_the_same(kept: SentLetter, made: Wording, *without: str) -> bool:
    """Whether stored words are those that are made now, apart from the list of enclosures and ``without``."""
    listings = {str(number): item for number, item in made.listings.items()}
    apart = {"enclosures", *without}
    return _plain(kept.letter, kept.listings, apart) == _plain(made.letter, listings, apart)


def _plain(letter: Mapping[str, Any] | None, listings: Mapping[str, Any], apart: Collection[str]) -> str:
    without = {name: value for name, value in (letter or {}).items() if name not in apart}
    return json.dumps([without, listings], sort_keys=True)


@cache
def _letters() -> TypeAdapter[Letter]:
    return TypeAdapter(Letter)
