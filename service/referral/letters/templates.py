"""Templates of the letters.

One TOML file per recipient overrides the shared one, and the one for joint letters overrides both.  A file in
the operator's folder replaces the shipped one with the same name.
"""

import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from service.store.tables.referral_tables import Recipient
from service.text.official_wording import ranges
from service.text.thai_calendar import THAI

SHARED, JOINT, OFFICE = "letter.toml", "joint.toml", "office.toml"
_SHIPPED = resources.files("service.referral").joinpath("templates")
_MOST = 200_000
"""Maximum output of a template in characters, to stop runaway loops."""
MAX_REPLY_DAYS = 365
_KINDS: dict[str, type] = {"address": list, "contact": list, "thai_digits": bool, "reply_days": int}
"""Types of the values of ``office.toml`` that are no text."""


class TemplateUnusable(ValueError):
    """A template cannot be read or filled in; the message names the file and the fault."""


@dataclass(frozen=True)
class Office:
    """The sending office, from ``office.toml``."""

    name: str
    address: tuple[str, ...] = ()
    signer: str = ""
    position: str = ""
    contact: tuple[str, ...] = ()
    thai_digits: bool = False
    """Whether dates, numbers of items and citations are written in Thai digits."""
    reply_days: int = 15
    """Days within which an advertiser is asked to reply, the office's own choice; 0 states no time."""


@dataclass(frozen=True)
class LetterTexts:
    """The texts of a letter: templates before :meth:`Templates.fill`, filled in after it."""

    to: str
    subject: str
    opening: str
    """The text before the facts; empty if an office's ``letter.toml`` has it among the facts."""
    facts: str
    law: str
    request: str
    closing: str


class Templates:
    """The templates of all recipients; ``folder`` is the operator's own, if any."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        # Input and output are plain text: only the letters' writers deal with markup.
        self._environment = SandboxedEnvironment(
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["ranges"] = ranges
        self._environment.filters["digits"] = lambda value: self.digits(str(value))

    def digits(self, text: str) -> str:
        """Return ``text`` with digits in the office's style; raises :class:`TemplateUnusable`."""
        return text.translate(THAI) if self.office.thai_digits else text

    @property
    def office(self) -> Office:
        """Load the sending office; raises :class:`TemplateUnusable`."""
        data = self._read(OFFICE)
        known = {item.name for item in fields(Office)}
        if not isinstance(data.get("name"), str) or not set(data) <= known:
            raise TemplateUnusable(
                f"{self._where(OFFICE)}: name is required, and of the rest only {', '.join(sorted(known))}"
            )
        for name, value in data.items():
            of = _KINDS.get(name, str)
            if type(value) is not of or (isinstance(value, int) and not 0 <= value <= MAX_REPLY_DAYS):
                kind = {
                    list: "a list of lines",
                    bool: "true or false",
                    int: f"a number from 0 to {MAX_REPLY_DAYS}",
                }.get(of, "a text")
                raise TemplateUnusable(f"{self._where(OFFICE)}: {name} must be {kind}")
        return Office(
            name=data["name"],
            address=tuple(str(line) for line in data.get("address", ())),
            signer=data.get("signer", ""),
            position=data.get("position", ""),
            contact=tuple(str(line) for line in data.get("contact", ())),
            thai_digits=data.get("thai_digits", False),
            reply_days=data.get("reply_days", Office.reply_days),
        )

    def fill(self, recipient: Recipient, values: dict[str, Any], *, joint: bool = False) -> LetterTexts:
        """Fill in the texts of a letter to ``recipient``; raises :class:`TemplateUnusable`.

        ``values`` is passed as data: it is never evaluated as a template.  ``joint`` is for a letter about
        several listings.
        """
        own = f"{recipient.value}.toml"
        texts = {"opening": ""} | self._read(SHARED) | self._read(own)
        if joint:
            texts |= self._read(JOINT)
        names = [item.name for item in fields(LetterTexts)]
        if set(texts) != set(names) or not all(isinstance(text, str) for text in texts.values()):
            raise TemplateUnusable(
                f"{self._where(own)}, with {self._where(SHARED)}, must define exactly these texts:"
                f" {', '.join(names)}"
            )
        office, filled = self.office, {}
        for name in names:
            try:
                pieces = self._environment.from_string(texts[name]).generate(office=office, **values)
                filled[name] = _joined(pieces)
            except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError) as error:
                where = self._where(own) + (f", with {self._where(JOINT)}" if joint else "")
                raise TemplateUnusable(f"{where}: {name} cannot be filled in: {error}") from error
        return LetterTexts(**filled)

    def _read(self, name: str) -> dict[str, Any]:
        own = None if self.folder is None else self.folder / name
        try:
            source = own if own is not None and own.exists() else _SHIPPED.joinpath(name)
            return tomllib.loads(source.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TemplateUnusable(f"{self._where(name)} cannot be read: {error}") from error

    def _where(self, name: str) -> str:
        if self.folder is not None and (self.folder / name).exists():
            return str(self.folder / name)
        return f"the shipped {name}"


def _joined(pieces: Any) -> str:
    found, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > _MOST:
            raise ValueError(f"its output has more than {_MOST:,} characters")
        found.append(piece)
    return "".join(found)
