"""Label Studio: the labeling configuration, and conversion of records to tasks.

The formats are Label Studio's own ("Label Studio JSON format of annotated tasks"). Its offsets count code
points like Python's: the editor converts from JavaScript's UTF-16 units before it saves.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from labels.schema import Annotation, Span
from labels.taxonomy import LABELS, ProductClass, class_term, label_term

TEXT = "text"
"""Name of the text, both as a configuration object and as a field of a task's data."""

RECORD_ID = "record_id"
"""Field of a task's data with the record's id; Label Studio numbers tasks itself."""


class Control(StrEnum):
    """Names of the controls that an annotator fills in: ``from_name`` in a result."""

    CLAIMS = "claims"
    PRODUCT_CLASS = "product_class"
    OFFER = "offer"
    BORDERLINE = "borderline"
    NOTE = "note"


class Kind(StrEnum):
    """Result type of each control, also the key of its answer in ``value``."""

    LABELS = "labels"
    CHOICES = "choices"
    TEXTAREA = "textarea"


class Offer(StrEnum):
    """The choices of :attr:`Control.OFFER`."""

    YES = "offer"
    NO = "not_an_offer"


class Answers(StrEnum):
    """How a record's annotation is exported to its task."""

    ANNOTATIONS = "annotations"
    """Finished annotations, which come back when the project is exported."""
    PREDICTIONS = "predictions"
    """Pre-annotations: shown to the annotator, who corrects and submits them."""
    NONE = "none"
    """Omitted, for an annotator who must not see them."""


_COLOURS = (
    "#c0392b", "#d35400", "#8e44ad", "#2471a3", "#b7950b",
    "#117a65", "#af7ac5", "#641e16", "#5d6d7e", "#1e8449",
)  # fmt: skip


def labeling_config() -> str:
    """The configuration of a Label Studio project as XML.

    Names are in Thai and English; the stored values (``alias``) are those of :mod:`labels.taxonomy`.
    """
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value=f"${RECORD_ID}", size="5")
    claims = ElementTree.SubElement(
        view, "Labels", name=Control.CLAIMS, toName=TEXT, choice="multiple", showInline="true"
    )
    for label, colour in zip(LABELS, _COLOURS, strict=True):
        term = label_term(label)
        ElementTree.SubElement(
            claims,
            "Label",
            value=f"{term.thai} · {term.english}",
            alias=label,
            background=colour,
            hint=f"{term.definition} ≠ {term.excludes}",
        )
    ElementTree.SubElement(
        view, "Text", name=TEXT, value=f"${TEXT}", granularity="symbol", saveTextResult="yes"
    )
    kinds = _choices(view, Control.PRODUCT_CLASS, "ประเภทผลิตภัณฑ์ · Product class")
    for kind in ProductClass:
        name = class_term(kind)
        ElementTree.SubElement(
            kinds, "Choice", value=f"{name.thai} · {name.english}", alias=kind, hint=name.definition
        )
    offer = _choices(view, Control.OFFER, "เป็นการเสนอขายหรือโฆษณาหรือไม่ · Offer")
    ElementTree.SubElement(offer, "Choice", value="ขายหรือโฆษณา · Sells or promotes", alias=Offer.YES)
    ElementTree.SubElement(
        offer,
        "Choice",
        value="ไม่ใช่การขาย (ข่าว คำเตือน คำถาม) · News, warning, question",
        alias=Offer.NO,
    )
    borderline = _choices(view, Control.BORDERLINE, "", choice="multiple")
    ElementTree.SubElement(
        borderline,
        "Choice",
        value="ก้ำกึ่ง ผู้อื่นอาจเห็นต่าง · Borderline, others could differ",
        alias=Control.BORDERLINE,
    )
    ElementTree.SubElement(
        view,
        "TextArea",
        name=Control.NOTE,
        toName=TEXT,
        placeholder="หมายเหตุ · Note",
        rows="3",
        maxSubmissions="1",
        editable="true",
    )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _choices(
    view: ElementTree.Element, name: Control, title: str, choice: str = "single"
) -> ElementTree.Element:
    if title:
        ElementTree.SubElement(view, "Header", value=title, size="6")
    found = ElementTree.SubElement(view, "Choices", name=name, toName=TEXT, choice=choice, showInline="true")
    if choice == "single":
        found.set("required", "true")
        found.set("requiredMessage", f"เลือกก่อนส่ง · Choose before you submit: {name}")
    return found


def task(
    record: Annotation,
    answers: Answers = Answers.ANNOTATIONS,
    guess: Annotation | None = None,
    model: str = "",
    score: float | None = None,
) -> dict[str, Any]:
    """Convert a record to a Label Studio task, ready for JSON.

    Args:
        answers: how to export the record's own annotation.
        guess: a model's annotation of the same text, exported as a prediction.
        model: the name under which the prediction is shown.
        score: the prediction's score, 0 to 1, by which Label Studio can sort.

    Raises:
        ValueError: ``guess`` belongs to another text.
    """
    data = {
        TEXT: record.text,
        RECORD_ID: record.id,
        "platform": record.platform.value,
        "group": record.group,
        "source": record.source,
    }
    made: dict[str, Any] = {"data": data}
    predictions: list[dict[str, Any]] = []
    if answers is Answers.ANNOTATIONS:
        made["annotations"] = [{"result": results(record)}]
    elif answers is Answers.PREDICTIONS:
        predictions.append({"model_version": record.source or "annotator", "result": results(record)})
    if guess is not None:
        if guess.text != record.text:
            raise ValueError(f"{record.id}: the model's answer is about another text")
        prediction: dict[str, Any] = {"model_version": model, "result": results(guess)}
        if score is not None:
            prediction["score"] = score
        predictions.append(prediction)
    if predictions:
        made["predictions"] = predictions
    return made


def results(record: Annotation) -> list[dict[str, Any]]:
    """The annotation of a record as Label Studio results, spans first in their order.

    Adjacent spans that mark the same words become one region with several labels.
    """
    found = [
        _result(
            f"span-{start}-{end}-{number}",
            Control.CLAIMS,
            Kind.LABELS,
            [span.label.value for span in spans],
            start=start,
            end=end,
            text=record.text[start:end],
        )
        for number, (start, end, spans) in enumerate(_regions(record.spans))
    ]
    offer = Offer.YES if record.offer else Offer.NO
    found += [
        _result(Control.PRODUCT_CLASS, Control.PRODUCT_CLASS, Kind.CHOICES, [record.product_class.value]),
        _result(Control.OFFER, Control.OFFER, Kind.CHOICES, [offer.value]),
    ]
    if record.borderline:
        borderline = Control.BORDERLINE
        found.append(_result(borderline, borderline, Kind.CHOICES, [borderline.value]))
    if record.note:
        # Label Studio calls the values of a text area "text".
        found.append(_result(Control.NOTE, Control.NOTE, Kind.TEXTAREA, None, text=[record.note]))
    return found


def _regions(spans: Sequence[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    for (start, end), same in groupby(spans, key=lambda span: (span.start, span.end)):
        run: list[Span] = []
        for span in same:
            # A label that occurs twice needs its own region, since a region's labels are a set.
            if any(span.label is other.label for other in run):
                yield start, end, run
                run = []
            run.append(span)
        yield start, end, run


def _result(
    result_id: str, name: Control, kind: Kind, answer: list[str] | None, **value: object
) -> dict[str, Any]:
    if answer is not None:
        value[kind.value] = answer
    return {
        "id": result_id,
        "from_name": name.value,
        "to_name": TEXT,
        "type": kind.value,
        "value": value,
    }
