"""A text in Thai and English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bilingual:
    """A text in Thai and English."""

    thai: str
    english: str

    def format(self, **values: object) -> "Bilingual":
        """Return the text with its fields in braces filled in; see :meth:`str.format`."""
        return Bilingual(self.thai.format(**values), self.english.format(**values))
