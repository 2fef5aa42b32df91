"""Words that stop a draft even if the model finds nothing in it."""

import re
from typing import Final

from inference.text.reading import Reading
from labels.law.facts import Fact, fact_term
from labels.schema import Finding

_FACTS: Final = (Fact.NOTIFIED_DISEASE, Fact.COMPLETE_CURE)
_THAI: Final = "\u0e01-\u0e4e"
_BETWEEN: Final = re.compile(rf"(?<=[{_THAI}])[^\w{_THAI}]+(?=[{_THAI}])")
"""Spaces and punctuation that a seller may have put between the letters of a Thai word."""


def disease_named(text: str) -> Finding | None:
    """Return a finding on the first disease or boast of a cure in a draft that may not be advertised.

    The words are those of ``labels/law/facts.toml``; spaces and punctuation within them do not matter.
    """
    read = Reading(text).text
    closed = _BETWEEN.sub("", read)
    for fact in _FACTS:
        words = fact_term(fact).words
        found = words and (words.search(read) or words.search(closed))
        if found:
            return Finding(
                code="disease_named",
                thai=f"มีคำว่า “{found[0]}” ซึ่งห้ามหรือจำกัดการใช้ในโฆษณา ให้ตัดออก หรือให้ผู้ตรวจอ่านก่อนลงประกาศ",
                english=f"it says “{found[0]}”, which advertising may not say, or only within limits:"
                " remove it, or have a person read the draft",
            )
    return None
