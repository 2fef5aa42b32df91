"""Tasks for Label Studio and its exports: round trip, offsets, several annotators."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.annotation.studio import RECORD_ID, Answers, Control, labeling_config, task
from labels.annotation.studio_import import ExportError, Imported, import_tasks, read_export
from labels.schema import Annotation, Span
from labels.taxonomy import LABELS, ClaimLabel, Platform, ProductClass, label_term

# Thai with marks, line breaks, markup, characters of one and of two UTF-16 units, invisible ones.
ALPHABET = st.sampled_from("กำเแ้์ \n\r\tAb1&<>\"'[]|\\é—😀🧑\u200d𝒜𠀀\u200bํ๙\x01")


@st.composite
def records(draw: st.DrawFn) -> Annotation:
    text = draw(st.text(ALPHABET, min_size=1, max_size=40))
    offer = draw(st.booleans())
    spans: list[Span] = []
    for _ in range(draw(st.integers(0, 6)) if offer else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.append(Span(start=start, end=end, label=draw(st.sampled_from(LABELS))))
    if bool(spans) and draw(st.booleans()):
        spans.append(spans[-1].model_copy(update={"label": draw(st.sampled_from(LABELS))}))
    return Annotation(
        id=draw(st.text(ALPHABET, min_size=1, max_size=20)),
        platform=draw(st.sampled_from(Platform)),
        product_class=draw(st.sampled_from(ProductClass)),
        offer=offer,
        text=text,
        spans=spans,
        borderline=draw(st.booleans()),
        note=draw(st.text(ALPHABET, max_size=10)),
        group=draw(st.none() | st.text(ALPHABET, max_size=5)),
        source=draw(st.text(ALPHABET, max_size=5)),
    )


def exported(made: dict[str, Any], number: int = 1, who: object = 7) -> dict[str, Any]:
    """A task as the server gives it back: through JSON, with its own numbers and times."""
    row: dict[str, Any] = json.loads(json.dumps(made))
    row["id"] = number
    for n, answer in enumerate(row.get("annotations", ())):
        answer.update(id=10 * number + n, completed_by=who, was_cancelled=False)
        answer["updated_at"] = f"2026-11-24T20:0{n}:00.000000Z"
    return row


def only(found: Imported) -> Annotation:
    assert not found.problems
    ((record,),) = found.annotators.values()
    return record


def noted(note: str) -> dict[str, Any]:
    return {"from_name": Control.NOTE.value, "to_name": "text", "type": "textarea", "value": {"text": [note]}}


def sample(text: str = "ยา😀แก้ปวด\r\nหายขาด 𝒜 จบ", **changes: Any) -> Annotation:
    at = text.find("แก้ปวด")
    spans = [Span(start=at, end=at + 6, label=ClaimLabel.DISEASE)] if at >= 0 else []
    row: dict[str, Any] = {
        "id": "a-1",
        "platform": Platform.LINE,
        "product_class": ProductClass.DRUG,
        "offer": True,
        "text": text,
        "spans": spans,
    }
    return Annotation(**{**row, **changes})


@settings(max_examples=60, deadline=None)
@given(records())
def test_nothing_is_lost_on_the_way_through_label_studio(record: Annotation) -> None:
    assert only(import_tasks([exported(task(record))])) == record


@settings(max_examples=30, deadline=None)
@given(records())
def test_offsets_in_utf16_units_are_understood_where_the_words_tell(record: Annotation) -> None:
    row = exported(task(record))
    for result in row["annotations"][0]["result"]:
        value = result["value"]
        if "start" in value:
            value["start"], value["end"] = (
                len(record.text[: value[key]].encode("utf-16-le")) // 2 for key in ("start", "end")
            )
    found = only(import_tasks([row]))
    quoted = [record.text[s.start : s.end] for s in record.spans]
    # White space alone cannot tell one place from another.
    for words, span in zip(quoted, found.spans, strict=True):
        if words.split():
            assert "".join(found.text[span.start : span.end].split()) == "".join(words.split())


def test_offsets_count_code_points_as_the_editor_saves_them() -> None:
    (value,) = (
        r["value"] for r in task(sample())["annotations"][0]["result"] if r["from_name"] == Control.CLAIMS
    )
    # As the editor of Label Studio 1.23 saved it for these words: the emoji counts one.
    assert value == {"start": 3, "end": 9, "text": "แก้ปวด", "labels": [ClaimLabel.DISEASE.value]}


def test_the_same_words_with_two_labels_are_one_region() -> None:
    record = sample()
    record.spans.append(record.spans[0].model_copy(update={"label": ClaimLabel.ABSOLUTE}))
    regions = [r for r in task(record)["annotations"][0]["result"] if r["from_name"] == Control.CLAIMS]
    assert [r["value"]["labels"] for r in regions] == [[ClaimLabel.DISEASE, ClaimLabel.ABSOLUTE]]


def test_words_that_do_not_stand_where_they_should_are_a_problem() -> None:
    row = exported(task(sample()))
    row["annotations"][0]["result"][0]["value"]["start"] = 0
    (problem,) = import_tasks([row]).problems
    assert "a-1" in problem
    assert "mark them again" in problem


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda r: r.pop(1), "was not chosen"),
        (lambda r: r[2]["value"].update(choices=["not_an_offer"]), "remove the spans"),
        (lambda r: r[0]["value"].update(labels=["cure"]), "spans.0.label"),
        (lambda r: r[0]["value"].update(labels=[]), "has no label"),
        (lambda r: r[0]["value"].update(start="/div[1]"), "Text tag"),
        (lambda r: r[1].update(from_name="class"), "studio config"),
        (lambda r: r[1]["value"].update(choices=["drug", "food"]), "choose one"),
        (lambda r: r.append("relation"), "result 'relation' is no object"),
        (lambda r: r[1].update(value="drug"), "the value 'drug' is no object"),
        (lambda r: r.append(noted("ครึ่ง \ud83d")), "note: half a character (lone surrogate U+D83D) at 6"),
    ],
)
def test_an_answer_that_is_no_record_names_task_annotator_and_remedy(change: Any, remedy: str) -> None:
    row = exported(task(sample()), who={"id": 3, "email": "noi@example.org"})
    change(row["annotations"][0]["result"])
    found = import_tasks([row])
    (problem,) = found.problems
    assert problem.startswith("task 1 (a-1), noi@example.org: ")
    assert remedy in problem
    assert found.annotators == {}


def test_a_relation_between_regions_is_skipped() -> None:
    row = exported(task(sample()))
    relation = {
        "type": "relation",
        "from_id": "span-0",
        "to_id": "span-1",
        "direction": "right",
        "labels": [],
    }
    row["annotations"][0]["result"].append(relation)
    assert only(import_tasks([row])) == sample()


@pytest.mark.parametrize(
    ("annotations", "told"),
    [
        (["x"], "annotation 'x' is no object"),
        ({"a": 1}, "its annotations are {'a': 1} instead of a list"),
        ([{"result": {"a": 1}}], "its results are {'a': 1} instead of a list"),
    ],
)
def test_answers_of_another_form_name_task_and_problem(annotations: object, told: str) -> None:
    (problem,) = import_tasks([exported(task(sample())) | {"annotations": annotations}]).problems
    assert problem.startswith("task 1 (a-1)")
    assert told in problem


def test_each_annotator_has_a_set_and_the_newest_answer_counts() -> None:
    row = exported(task(sample()))
    (first,) = row["annotations"]
    other = {**exported(task(sample(spans=[], note="คนที่สอง")))["annotations"][0], "id": 20, "completed_by": 8}
    later = {**exported(task(sample(note="ใหม่")))["annotations"][0], "id": 30, "updated_at": "2026-11-25"}
    skipped = {**later, "id": 40, "updated_at": "2026-11-26", "was_cancelled": True}
    row["annotations"] = [later, first, other, skipped]
    found = import_tasks([row, exported(task(sample(id="a-2"), Answers.PREDICTIONS), 2)])
    assert {who: [r.note for r in of] for who, of in found.annotators.items()} == {
        "7": ["ใหม่"],
        "8": ["คนที่สอง"],
    }
    assert (found.skipped, found.replaced, found.unanswered) == (1, 1, ["a-2"])


def test_a_record_in_two_tasks_is_a_problem() -> None:
    found = import_tasks([exported(task(sample()), 1), exported(task(sample()), 2)])
    assert found.problems == ["task 2 (a-1): task 1 has the same record_id: delete one of them"]


def test_answers_can_be_predictions_or_left_out() -> None:
    record = sample()
    as_predictions = task(record, Answers.PREDICTIONS)
    assert "annotations" not in as_predictions
    assert as_predictions["predictions"][0]["result"] == task(record)["annotations"][0]["result"]
    assert set(task(record, Answers.NONE)) == {"data"}
    guess = record.model_copy(update={"spans": []})
    by_model = task(record, Answers.NONE, guess, "compact 1", 0.25)["predictions"]
    assert [(p["model_version"], p["score"]) for p in by_model] == [("compact 1", 0.25)]
    with pytest.raises(ValueError, match="another text"):
        task(record, guess=sample("อื่น"))


def test_the_configuration_offers_every_answer_in_both_languages() -> None:
    root = ElementTree.fromstring(labeling_config())
    labels = {x.get("alias"): x.get("value") for x in root.iter("Label")}
    assert list(labels) == list(LABELS)
    for label in LABELS:
        assert label_term(label).thai in str(labels[label])
        assert label_term(label).english in str(labels[label])
    choices = {x.get("name"): [c.get("alias") for c in x] for x in root.iter("Choices")}
    assert choices[Control.PRODUCT_CLASS] == list(ProductClass)
    names = {x.get("name") for x in root.iter() if x.get("toName")}
    assert names == set(Control)
    wanted = {str(x.get("value"))[1:] for x in root.iter() if str(x.get("value")).startswith("$")}
    assert wanted <= set(task(sample())["data"])


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        ("{", "export the project as JSON"),
        ('{"a": 1}', "export the project as JSON"),
        ('[{"id": 1, "text": "x"}]', "not as JSON-MIN"),
    ],
)
def test_other_files_are_refused_with_what_to_do(tmp_path: Any, content: str, remedy: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(ExportError, match=remedy):
        read_export(path)


def test_a_task_of_another_origin_is_a_problem() -> None:
    assert RECORD_ID in import_tasks([{"id": 4, "data": {"text": "x"}}]).problems[0]
