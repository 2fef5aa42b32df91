"""The evaluation report: one JSON file and one self-contained page."""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from inference.keywords import KeywordBaseline
from inference.reading import read
from labels.taxonomy import CLASSES
from training.calibrate import is_prohibited
from training.evaluate import Measured, figures, keyword_figures, slices, worst_errors
from training.plots import class_confusion, precision_recall, reliability_curve

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
    ("macro F1 over the ten labels", "macro_f1"),
    ("character F1 of spans, micro", "span_f1"),
    ("product class accuracy", "class_accuracy"),
    ("offer accuracy", "offer_accuracy"),
    ("verdict accuracy (review counts as wrong)", "verdict_accuracy"),
    ("calibration error of the risk (15 bins)", "calibration_error"),
]


def figure_text(value: object) -> str:
    """A figure as the report prints it: three decimals, a dash for what was not measured."""
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def write_report(measured: Measured, model: str, data: str, out: Path) -> dict[str, Any]:
    """Write ``report.json`` and ``report.html`` to ``out`` and return the figures."""
    out.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "model": model,
        "data": data,
        "figures": figures(measured),
        "keyword_baseline": keyword_figures(measured.records),
        "slices": slices(measured),
        "errors": worst_errors(measured),
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    truth = [is_prohibited(r) for r in measured.records]
    baseline = KeywordBaseline()
    keyword_scores = [baseline.score(read(r.text).text) for r in measured.records]
    plots = [
        precision_recall({model: (truth, measured.model_risk), "keyword baseline": (truth, keyword_scores)}),
        reliability_curve(result["figures"]["reliability"]),
        class_confusion(
            [
                (CLASSES.index(r.product_class), CLASSES.index(a.product_class))
                for r, a in zip(measured.records, measured.answers, strict=True)
            ]
        ),
    ]
    environment = Environment(
        loader=PackageLoader("training"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["figure"] = figure_text
    page = environment.get_template("report.html").render(
        model=model,
        data=data,
        rows=ROWS,
        figures=result["figures"],
        keywords=result["keyword_baseline"],
        slices=result["slices"],
        errors=result["errors"],
        plots=plots,
    )
    (out / "report.html").write_text(page, encoding="utf-8")
    return result
