"""Groups the claims of a case into rows: one per text, and one for all that exceed the limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.schema import Claim

ROWS_SHOWN = 100
"""Maximum number of rows of a page; more would make every key press slow."""
MOST_EDITED = 50
"""Maximum number of ranges of a row that are edited together on the page."""


@dataclass(frozen=True)
class ClaimRow:
    """Claims that are answered by one choice.

    Attributes:
        numbers: numbers of the claims on the page, from 1, in their order.
        claim: the first of them.
        choice: what was chosen for them; empty if nothing was.
        is_rest: whether these are all claims, of any text, beyond the limit of rows.
    """

    numbers: tuple[int, ...]
    claim: Claim
    choice: str
    picture: str = ""
    """Hash of the picture that contains the claim; empty for the text."""
    spans: str = ""
    """``start:end`` of each range, separated by commas; empty if there are too many to edit together."""
    is_rest: bool = False

    @property
    def number(self) -> int:
        """The number that identifies the row."""
        return self.numbers[0]

    @property
    def others(self) -> str:
        """The other numbers as the form sends them: ranges separated by commas."""
        return _ranges(self.numbers[1:])


def rows_of(
    claims: Sequence[Claim],
    chosen: Mapping[int, str],
    split: Sequence[int] = (),
    shown: int = ROWS_SHOWN,
    pictures: Sequence[str] = (),
) -> list[ClaimRow]:
    """Return the rows of the claims; each claim is in exactly one row.

    Claims with the same words and label are one row, unless they are answered differently. Each claim in a
    picture has its own row, since its words may have been misread.

    Args:
        chosen: index of a claim, from 0 -> choice.
        split: numbers of rows whose claims get a row each.
        shown: maximum number of rows before the row for the rest.
        pictures: the hash of each claim's picture; empty for those of the text, or if all are.
    """
    shown_in = dict(enumerate(pictures))
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, claim in enumerate(claims):
        alone = index if shown_in.get(index) else None
        groups.setdefault((claim.label, claim.text, alone), []).append(index)
    rows: list[list[int]] = []
    for group in groups.values():
        apart = group[0] + 1 in split or len({chosen.get(index, "") for index in group}) > 1
        rows += [[index] for index in group] if apart else [group]
    rows.sort(key=lambda row: row[0])
    made = [_row(claims, row, chosen, shown_in.get(row[0], "")) for row in rows[:shown]]
    rest: dict[str, list[int]] = {}
    for row in rows[shown:]:
        for index in row:
            rest.setdefault(chosen.get(index, ""), []).append(index)
    return made + [_row(claims, sorted(row), chosen, is_rest=True) for row in rest.values()]


def row_numbers(rows: Sequence[ClaimRow]) -> dict[int, int]:
    """Return the number of the row of each claim, by the claim's number."""
    return {number: row.number for row in rows for number in row.numbers}


def numbers_in(ranges: str, most: int) -> list[int]:
    """Parse numbers as :attr:`ClaimRow.others` writes them; nothing if invalid or above ``most``."""
    found: list[int] = []
    for part in ranges.split(",") if ranges else ():
        first, _, last = part.partition("-")
        if not (first.isascii() and first.isdigit() and len(first) < 10):
            return []
        end = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else int(first)
        found += range(int(first), min(end, most) + 1)
        if len(found) > most:
            return []
    return found


def _row(
    claims: Sequence[Claim],
    row: list[int],
    chosen: Mapping[int, str],
    picture: str = "",
    is_rest: bool = False,
) -> ClaimRow:
    editable = not is_rest and not picture and len(row) <= MOST_EDITED
    spans = ",".join(f"{claims[index].start}:{claims[index].end}" for index in row) if editable else ""
    numbers = tuple(index + 1 for index in row)
    return ClaimRow(numbers, claims[row[0]], chosen.get(row[0], ""), picture, spans, is_rest)


def _ranges(numbers: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
