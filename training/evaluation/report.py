"""Writes the evaluation report: one JSON file and one self-contained HTML page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from inference.keywords import KeywordBaseline
from inference.text.reading import read
from labels.taxonomy import CLASSES
from training.evaluation.calibrate import is_prohibited
from training.evaluation.compare import Difference
from training.evaluation.evaluate import Measured, figures, slices, worst_errors
from training.evaluation.plots import class_confusion, precision_recall, reliability_curve
from training.evaluation.span_errors import Spans, span_errors

ROWS = [
    ("average precision, prohibited (model alone)", "average_precision"),
    ("average precision, prohibited (with the policy's rules)", "average_precision_with_rules"),
    ("recall at precision 0.95", "recall_at_precision_95"),
    ("verdict prohibited: precision", "verdict_precision"),
    ("verdict prohibited: recall", "verdict_recall"),
    ("sent to review", "sent_to_review"),
    ("clean listings flagged prohibited", "clean_flagged_prohibited"),
    ("clean listings flagged or sent to review", "clean_flagged_or_asked"),
    ("non-offers flagged prohibited", "non_offers_flagged"),
    ("class other flagged prohibited", "other_flagged"),
    ("macro F1 over the labels that occur", "macro_f1"),
    ("character F1 of spans, micro", "span_f1"),
    ("product class accuracy", "class_accuracy"),
    ("offer accuracy", "offer_accuracy"),
    ("verdict accuracy (review counts as wrong)", "verdict_accuracy"),
    ("calibration error of the risk (15 bins)", "calibration_error"),
]


def figure_text(value: object) -> str:
    """A metric as printed in the report: three decimals, or a dash if not measured."""
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


@dataclass(frozen=True)
class Comparisons:
    """Further measurements on the same listings.

    Attributes:
        columns: name of a baseline or variant -> its metrics, by the keys of :data:`ROWS`.
        twins: agreement of a listing and its disguised twin, by name; empty if not measured.
        differences: against another bundle, with their intervals; empty without one.
    """

    columns: Mapping[str, Mapping[str, Any]]
    twins: Mapping[str, float | None] = field(default_factory=dict)
    differences: Sequence[Difference] = ()


def write_report(measured: Measured, model: str, data: str, peers: Comparisons, out: Path) -> dict[str, Any]:
    """Write ``report.json`` and ``report.html`` to ``out`` and return the JSON content."""
    out.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "model": model,
        "data": data,
        "figures": figures(measured),
        "columns": {name: dict(column) for name, column in peers.columns.items()},
        "twins": dict(peers.twins),
        "differences": [asdict(d) for d in peers.differences],
        "slices": slices(measured),
        "span_errors": [asdict(e) for e in span_errors(_span_pairs(measured))],
        "errors": worst_errors(measured),
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    page = (
        _environment()
        .get_template("report.html")
        .render(**result, rows=ROWS, plots=_plots(measured, model, result["figures"]["reliability"]))
    )
    (out / "report.html").write_text(page, encoding="utf-8")
    return result


def _span_pairs(measured: Measured) -> list[tuple[Spans, Spans]]:
    return [(r.spans, a.claims) for r, a in zip(measured.records, measured.answers, strict=True)]


def _plots(measured: Measured, model: str, bins: Sequence[tuple[float, float, int]]) -> list[str]:
    truth = [is_prohibited(r) for r in measured.records]
    baseline = KeywordBaseline()
    keywords = [baseline.score(read(r.text).text) for r in measured.records]
    return [
        precision_recall({model: (truth, measured.model_risk), "keyword baseline": (truth, keywords)}),
        reliability_curve(bins),
        class_confusion(
            [
                (CLASSES.index(r.product_class), CLASSES.index(a.product_class))
                for r, a in zip(measured.records, measured.answers, strict=True)
            ]
        ),
    ]


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("training"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["figure"] = figure_text
    return environment
