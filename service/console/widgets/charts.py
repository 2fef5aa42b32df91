"""Inline SVG charts without scripts or style attributes; the table below has every number too.

Colours come from the style sheet by class; series also differ by pattern or position.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 720
LABEL, FIGURE = 210, 70
"""Width of the label at the left of a bar, and of its figure at the right."""
ROW, BAR, GAP = 12, 11, 8
PLOT_HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 30
MARKS = 7
"""Maximum labels along the axis of a line chart."""
MAX_WORDS = 34
"""Characters of a label before it is truncated; the table has all of it."""


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart: each series' value and its text; ``None`` draws nothing."""

    words: str
    values: Sequence[float | None]
    figures: Sequence[str]


@dataclass(frozen=True)
class Whisker:
    """A share with its interval, all between 0 and 1."""

    words: str
    low: float
    value: float
    high: float
    figure: str


def bars(title: str, series: Sequence[str], rows: Sequence[Bar]) -> Markup:
    """Draw horizontal bars, one per series in each row; the longest fills the width."""
    most = max((value or 0 for row in rows for value in row.values), default=0) or 1
    step = len(series) * ROW + GAP
    parts = [_legend(series)] if len(series) > 1 else []
    top = 24 if len(series) > 1 else 4
    for index, row in enumerate(rows):
        y = top + index * step
        parts.append(_words(LABEL - 8, y + len(series) * ROW / 2 + 4, _cut(row.words), "end"))
        for number, (value, figure) in enumerate(zip(row.values, row.figures, strict=True)):
            width = (value or 0) / most * (WIDTH - LABEL - FIGURE)
            at = y + number * ROW
            parts.append(
                Markup('<rect class="s{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    number + 1, LABEL, at, f"{width:.1f}", BAR
                )
            )
            parts.append(_words(LABEL + width + 5, at + 9.5, figure, "start", "figure"))
    return _svg(title, top + len(rows) * step, parts)


def whiskers(title: str, rows: Sequence[Whisker]) -> Markup:
    """Draw a point with its interval in each row, on an axis from 0 to 100 %."""
    plot, parts = WIDTH - LABEL - 2 * FIGURE, []
    height = len(rows) * 26 + 24
    for tenth in (0, 25, 50, 75, 100):
        x = LABEL + tenth / 100 * plot
        parts += [_line("grid", x, 4, x, height - 20), _words(x, height - 6, f"{tenth}%", "middle")]
    for index, row in enumerate(rows):
        y = 16 + index * 26
        low, at, high = (LABEL + share * plot for share in (row.low, row.value, row.high))
        parts += [
            _words(LABEL - 8, y + 4, _cut(row.words), "end"),
            _line("interval", low, y, high, y),
            _line("interval", low, y - 5, low, y + 5),
            _line("interval", high, y - 5, high, y + 5),
            Markup('<circle class="s1" cx="{}" cy="{}" r="5"/>').format(f"{at:.1f}", y),
            _words(LABEL + plot + 14, y + 4, row.figure, "start", "figure"),
        ]
    return _svg(title, height, parts)


def lines(title: str, series: Sequence[str], marks: Sequence[str], points: Sequence[Sequence[int]]) -> Markup:
    """Draw one line per series over ``marks``, the labels of the axis; the scale begins at 0."""
    most = max((value for values in points for value in values), default=0) or 1
    scale = _round_up(most)
    plot = WIDTH - LEFT - RIGHT
    step = plot / max(1, len(marks) - 1)
    bottom = 24 + TOP + PLOT_HEIGHT
    parts = [_legend(series)]
    for part in range(5):
        y = bottom - part / 4 * PLOT_HEIGHT
        parts += [
            _line("grid", LEFT, y, WIDTH - RIGHT, y),
            _words(LEFT - 6, y + 4, f"{scale * part / 4:,.10g}", "end"),
        ]
    every = max(1, -(-len(marks) // MARKS))
    for index in range(0, len(marks), every):
        place = "start" if index == 0 else "end" if index == len(marks) - 1 else "middle"
        parts.append(_words(LEFT + index * step, bottom + 18, marks[index], place))
    for number, values in enumerate(points):
        where = " ".join(
            f"{LEFT + index * step:.1f},{bottom - value / scale * PLOT_HEIGHT:.1f}"
            for index, value in enumerate(values)
        )
        parts.append(Markup('<polyline class="l{}" points="{}"/>').format(number + 1, where))
        if len(values) == 1:
            across, down = where.split(",")
            parts.append(
                Markup('<circle class="s{}" cx="{}" cy="{}" r="4"/>').format(number + 1, across, down)
            )
    return _svg(title, bottom + BOTTOM, parts)


def _svg(title: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, round(height), title, Markup("").join(parts)
    )


def _legend(series: Sequence[str]) -> Markup:
    parts, x = [], 4.0
    for number, words in enumerate(series):
        parts.append(
            Markup(
                '<rect class="s{}" x="{}" y="4" width="14" height="11"/>'
                '<line class="l{}" x1="{}" y1="20" x2="{}" y2="20"/>'
            ).format(number + 1, f"{x:.0f}", number + 1, f"{x:.0f}", f"{x + 14:.0f}")
        )
        parts.append(_words(x + 19, 14, words, "start"))
        x += 40 + 8 * len(words)
    return Markup("").join(parts)


def _words(x: float, y: float, words: str, anchor: str, style: str = "words") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        style, f"{x:.1f}", f"{y:.1f}", anchor, escape(words)
    )


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        style, *(f"{value:.1f}" for value in (x1, y1, x2, y2))
    )


def _cut(words: str) -> str:
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"


def _round_up(value: int) -> int:
    """Round up to a number that divides well into four parts of a scale."""
    unit = 1
    while True:
        for factor in (4, 8, 12, 20, 40):
            if value <= factor * unit:
                return factor * unit
        unit *= 10
