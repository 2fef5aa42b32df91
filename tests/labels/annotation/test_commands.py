"""``ruthan labels studio``, ``agreement`` and ``next`` from the outside."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labels.annotation.studio import labeling_config
from labels.commands import labels
from labels.dataset.shipped import Split, load_split, read_annotations, split_path, write_annotations
from labels.schema import Annotation, Assessment, Claim, Listing, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict


def assessment(key: str, risk: float) -> Assessment:
    return Assessment(
        id=key,
        verdict=Verdict.NEEDS_REVIEW,
        risk=risk,
        product_class=ProductClass.HERBAL,
        product_class_probability=1,
        offer=True,
        offer_probability=1,
        claims=[
            Claim(start=0, end=4, label=ClaimLabel.BENEFIT, probability=0.9, text="ชาดี"),
            Claim(start=2, end=6, label=ClaimLabel.ABSOLUTE, probability=0.9, text="ดีมาก"),
        ],
        model="stand-in 1",
    )


@dataclass
class Providers:
    """A substitute for the model and the store that the command line provides."""

    drafts: list[tuple[Annotation, Assessment]] = field(default_factory=list)

    def assessor(self, bundle: Path | None) -> object:
        def assess(listings: Sequence[Listing]) -> list[Assessment]:
            return [assessment(listing.id, 0.7) for listing in listings]

        return assess

    def unreviewed(self, database: str | None) -> Iterator[tuple[Annotation, Assessment]]:
        yield from self.drafts


def run(*args: str | Path, providers: object = None) -> Result:
    return CliRunner().invoke(labels, [str(arg) for arg in args], obj=providers or Providers())


def record(key: str, text: str, **changes: object) -> Annotation:
    row: dict[str, object] = {
        "id": key,
        "platform": Platform.LINE,
        "product_class": ProductClass.HERBAL,
        "offer": True,
        "text": text,
    }
    return Annotation.model_validate({**row, **changes})


def answered(path: Path, *annotators: object) -> Path:
    """A file of tasks as the server exports it after these annotators answered each."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        task["id"] = number
        (answer,) = task["annotations"]
        task["annotations"] = [{**answer, "id": n, "completed_by": who} for n, who in enumerate(annotators)]
    out = path.with_name("export.json")
    out.write_text(json.dumps(tasks), encoding="utf-8")
    return out


def test_config_prints_the_xml() -> None:
    assert run("studio", "config").stdout == labeling_config()


@pytest.mark.costly
def test_a_shipped_split_comes_back_from_label_studio_as_it_was(tmp_path: Path) -> None:
    made = run("studio", "export", split_path(Split.VALIDATION), "--out", tmp_path / "tasks.json")
    assert made.exit_code == 0, made.output
    back = run("studio", "import", answered(tmp_path / "tasks.json", 1), "--out", tmp_path / "back.jsonl")
    assert back.exit_code == 0, back.output
    assert list(read_annotations(tmp_path / "back.jsonl")) == load_split(Split.VALIDATION)
    assert (tmp_path / "back.jsonl").read_bytes() == split_path(Split.VALIDATION).read_bytes()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    spans = [Span(start=0, end=4, label=ClaimLabel.BENEFIT)]
    write_annotations(
        tmp_path / "small.jsonl", [record("1", "ชาดีมากเลย", spans=spans), record("2", "ชาดีมากจริง")]
    )
    return tmp_path / "small.jsonl"


def test_pre_annotations_come_from_the_lent_model_beside_the_answers(small: Path, tmp_path: Path) -> None:
    made = run("studio", "export", small, "--out", tmp_path / "t.json", "--pre-annotate", "--answers", "none")
    assert made.exit_code == 0, made.output
    tasks = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [set(task) for task in tasks] == [{"data", "predictions"}] * 2
    (prediction,) = tasks[0]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("stand-in 1", 0.7)
    assert [r["value"].get("labels") for r in prediction["result"][:2]] == [
        ["benefit_claim"],
        ["absolute_claim"],
    ]


def test_several_annotators_need_a_choice(small: Path, tmp_path: Path) -> None:
    run("studio", "export", small, "--out", tmp_path / "t.json")
    export = answered(tmp_path / "t.json", 1, {"id": 2, "email": "a/b@x.org"})
    out = tmp_path / "out.jsonl"
    refused = run("studio", "import", export, "--out", out)
    assert refused.exit_code == 1
    assert "a/b@x.org (2)" in refused.stderr
    assert not out.exists()
    assert run("studio", "import", export, "--out", out, "--annotator", "9").exit_code == 1
    assert run("studio", "import", export, "--out", out, "--annotator", "1").exit_code == 0
    assert run("studio", "import", export, "--out", out, "--each").exit_code == 0
    names = {"out.jsonl", "out.1.jsonl", "out.a_b@x.org.jsonl"}
    assert {p.name for p in tmp_path.glob("out*")} == names
    assert {(tmp_path / name).read_bytes() for name in names} == {small.read_bytes()}


def test_nothing_is_written_with_a_problem_and_nothing_replaced_unasked(small: Path, tmp_path: Path) -> None:
    run("studio", "export", small, "--out", tmp_path / "t.json")
    refused = run("studio", "export", small, "--out", tmp_path / "t.json")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    export = answered(tmp_path / "t.json", 1)
    export.write_text(export.read_text().replace("benefit_claim", "cure"))
    result = run("studio", "import", export, "--out", tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "task 0 (1), 1" in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("choice", [[], ["--each"], ["--annotator", "1"]])
def test_without_a_finished_answer_nothing_is_replaced(
    small: Path, tmp_path: Path, choice: list[str]
) -> None:
    run("studio", "export", small, "--out", tmp_path / "t.json", "--answers", "none")
    before = small.read_bytes()
    result = run("studio", "import", tmp_path / "t.json", "--out", small, "--force", *choice)
    assert result.exit_code == 1
    assert "tasks without an answer: 2" in result.stderr
    assert "t.json holds no finished answer: nothing was written" in result.stderr
    assert small.read_bytes() == before


def test_a_file_that_cannot_be_written_is_named(small: Path, tmp_path: Path) -> None:
    assert run("studio", "export", small, "--out", tmp_path / "t.json").exit_code == 0
    export = answered(tmp_path / "t.json", 1)
    for command, source in (("export", small), ("import", export)):
        result = run("studio", command, source, "--out", small / "below.json")
        assert (result.exit_code, type(result.exception)) == (1, SystemExit)
        assert f"{small / 'below.json'}: cannot write here" in result.stderr


def test_agreement_is_told_as_table_json_and_list(small: Path, tmp_path: Path) -> None:
    pytest.importorskip("krippendorff")
    other = tmp_path / "other.jsonl"
    first, second = read_annotations(small)
    write_annotations(other, [first, second.model_copy(update={"offer": False})])
    told = run("agreement", small, other)
    assert told.exit_code == 0, told.output
    assert "records that differ: 1" in told.stdout
    found = json.loads(run("agreement", small, other, "--json").stdout)
    assert found["labels"]["benefit_claim"]["alpha"] == 1
    assert found["labels"]["sexual_claim"]["alpha"] is None
    assert found["offer"]["agreement"] == 0.5
    run("agreement", small, other, "--differences", tmp_path / "d.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text().splitlines()]
    assert [(row["id"], row["what"]) for row in rows] == [("2", "offer"), ("2", "verdict")]
    refused = run("agreement", small, split_path(Split.TEST))
    assert refused.exit_code == 1
    assert "no id" in refused.stderr


def providers_with(*texts: tuple[str, str, float]) -> Providers:
    from labels.annotation.drafts import draft

    return Providers(
        [(draft(assessment(key, risk), text), assessment(key, risk)) for key, text, risk in texts]
    )


KNOWN = "ครีมกันแดดเนื้อบางเบา ซึมไว ไม่เหนอะหนะ คุมมันทั้งวัน หลอดละสองร้อยบาท ส่งฟรี"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for part in Split:
        write_annotations(split_path(part, tmp_path / "data"), [record(part.value, f"{KNOWN} {part.value}")])
    return tmp_path / "data"


@pytest.fixture
def providers() -> Providers:
    pytest.importorskip("sklearn")
    known = KNOWN
    return providers_with(
        ("sure", "ชาดีมากซองนี้ดื่มง่าย หอมกรุ่น ส่งไวทันใจลูกค้า", 0.01),
        ("unsure", "ชาดีมากรสเข้ม คนแก่ชอบ ซื้อสามแถมหนึ่ง ทักได้เลยนะคะ", 0.5),
        ("known", known, 0.5),
        ("marks", "ชาดีมาก [[ลดราคา]] วันสุดท้ายของเดือนนี้แล้วจ้า รีบเลย", 0.45),
    )


def test_next_writes_drafts_that_annotators_can_correct(
    providers: Providers, dataset: Path, tmp_path: Path
) -> None:
    from labels.dataset.shipped import read_raw

    out = tmp_path / "next.jsonl"
    made = run("next", "--dataset", dataset, "--out", out, "--diversity", "0", providers=providers)
    assert made.exit_code == 0, made.output
    assert "marks left out" in made.stderr
    assert [r.id for r in read_raw(out)] == ["unsure", "sure"]
    # Of two spans that overlap in part, inline markup holds one.
    assert [[(s.start, s.end) for s in r.spans] for r in read_raw(out)] == [[(0, 4)], [(0, 4)]]
    blind = run(
        "next",
        "--dataset",
        dataset,
        "--out",
        out,
        "--blind",
        "--force",
        "-n",
        "1",
        "--known",
        out,
        providers=providers,
    )
    assert blind.exit_code == 0, blind.output
    assert list(read_raw(out)) == []


@pytest.mark.parametrize("form", ["inline", "studio"])
def test_blind_listings_have_no_answer_and_are_known_when_handed_out(
    providers: Providers, dataset: Path, tmp_path: Path, form: str
) -> None:
    out, more = tmp_path / "blind.jsonl", tmp_path / "more.jsonl"
    given = ("next", "--dataset", dataset, "--blind", "--format", form)
    made = run(*given, "--out", out, providers=providers)
    assert made.exit_code == 0, made.output
    told = out.read_text(encoding="utf-8")
    assert "unsure" in told
    assert not any(
        word in told for word in ("product_class", "offer", "herbal", "benefit_claim", "prediction")
    )
    again = run(*given, "--out", more, "--known", out, providers=providers)
    assert again.exit_code == 0, again.output
    assert "unsure" not in more.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["inline", "studio"])
def test_next_that_cannot_write_leaves_the_earlier_file_whole(
    providers: Providers, dataset: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "next.jsonl"
    given = ("next", "--dataset", dataset, "--out", out, "--format", form)
    assert run(*given, providers=providers).exit_code == 0
    before = out.read_bytes()

    def full(_: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = run(*given, "--force", "-n", "1", providers=providers)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert f"{out}: cannot write here" in result.stderr
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*next*")] == ["next.jsonl"]


@pytest.mark.parametrize("content", ['{"id": "a"}', "[1]", "{", '[{"data": {"id": "a"}}]'])
def test_a_known_file_without_texts_is_refused(
    providers: Providers, dataset: Path, tmp_path: Path, content: str
) -> None:
    known = tmp_path / "known.json"
    known.write_text(content, encoding="utf-8")
    out = tmp_path / "next.jsonl"
    result = run("next", "--dataset", dataset, "--out", out, "--known", known, providers=providers)
    assert result.exit_code == 1
    assert str(known) in result.output
    assert not isinstance(result.exception, ValueError)


def test_next_writes_label_studio_tasks(providers: Providers, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "next.json"
    made = run(
        "next",
        "--dataset",
        dataset,
        "--out",
        out,
        "--format",
        "studio",
        "--diversity",
        "0",
        providers=providers,
    )
    assert made.exit_code == 0, made.output
    tasks = json.loads(out.read_text(encoding="utf-8"))
    assert [task["data"]["record_id"] for task in tasks] == ["unsure", "marks", "sure"]
    assert len(tasks[0]["predictions"][0]["result"]) == 4
