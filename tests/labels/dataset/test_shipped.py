"""Reading and writing dataset files: errors are reported with their line, and nothing is lost."""

import json
from pathlib import Path

import pytest

from labels.dataset.shipped import (
    DatasetError,
    Split,
    load_split,
    read_annotations,
    read_lines,
    read_raw,
    split_path,
    write_annotations,
)
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

RECORD = Annotation(
    id="a-1",
    platform=Platform.FORUM,
    product_class=ProductClass.HERBAL,
    offer=True,
    text="ยาหม่องตราใบเตย แก้ปวดเข่า 40 บาท",
    spans=[Span(start=16, end=26, label=ClaimLabel.DISEASE)],
    group="g",
    source="hand",
)
GOOD = RECORD.model_dump_json()


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_records_survive_writing(tmp_path: Path) -> None:
    plain = Annotation(
        id="a-2", platform=Platform.X, product_class=ProductClass.OTHER, offer=False, text="ข่าว\u2028วันนี้"
    )
    path = tmp_path / "new" / "file.jsonl"
    write_annotations(path, [RECORD, plain])
    assert list(read_annotations(path)) == [RECORD, plain]
    assert "spans" not in path.read_text(encoding="utf-8").splitlines()[1]


def test_a_file_that_cannot_be_written_whole_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    write_annotations(path, [RECORD])
    half = RECORD.model_copy(update={"text": "ยา \ud83d"})
    with pytest.raises(UnicodeEncodeError):
        write_annotations(path, [RECORD, half])
    assert list(read_annotations(path)) == [RECORD]
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_emoji_in_escapes_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "file.jsonl", GOOD.replace("40 บาท", r"\ud83d\ude00"))
    assert next(read_annotations(path)).text.endswith("😀")


def test_the_same_record_inline(tmp_path: Path) -> None:
    row = json.loads(GOOD) | {"text": "ยาหม่องตราใบเตย [[disease_claim|แก้ปวดเข่า]] 40 บาท"}
    del row["spans"], row["source"]
    path = written(tmp_path / "hand.jsonl", json.dumps(row))
    assert list(read_raw(path)) == [RECORD]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[]", "one JSON object per line"),
        (GOOD.replace('"id":"a-1",', ""), "id: Field required: add the field"),
        (GOOD.replace('"group"', '"family"'), "family: Extra inputs are not permitted: remove the field"),
        (GOOD.replace("forum", "agora"), "platform: Input should be 'marketplace'"),
        (GOOD.replace("ยา", r"\ud83d"), "text: half a character (lone surrogate U+D83D) at 0"),
        (GOOD.replace('"a-1"', r'"a-\ud83d"'), "id: half a character (lone surrogate U+D83D) at 2"),
        (GOOD.replace('"spans":[', r'"spans":["\udc00",'), "spans: half a character"),
        (
            GOOD.replace('"group"', r'"\ud83d"'),
            r"\ud83d: half a character (lone surrogate U+D83D) in the field",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path / "bad.jsonl", GOOD, "", line)
    with pytest.raises(DatasetError) as caught:
        list(read_annotations(path))
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_a_bad_line_does_not_stop_the_rest_and_all_its_problems_are_told(tmp_path: Path) -> None:
    bad = GOOD.replace("forum", "agora").replace("herbal", "weed")
    path = written(tmp_path / "bad.jsonl", bad, GOOD)
    (first, problem), (second, record) = read_lines(path)
    assert isinstance(problem, DatasetError)
    assert [what.split(":")[0] for what in problem.problems] == ["platform", "product_class"]
    assert (first, second, record) == (1, 2, RECORD)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("แก้", "[[cure|แก้]]").replace('"spans":[{"start":16,"end":26,"label":"disease_claim"}],', ""), "unknown label"),
        (GOOD, "spans as offsets in a raw file"),
        (json.dumps(json.loads(GOOD) | {"text": None, "spans": []}), "text: Input should be a valid string"),
    ],
)  # fmt: skip
def test_a_bad_raw_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        list(read_raw(written(tmp_path / "raw.jsonl", line)))


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode("utf-8") + b"\r\n")
    assert list(read_annotations(path)) == [RECORD]
    path.write_bytes(GOOD.encode("cp874"))
    with pytest.raises(DatasetError, match=r":1: not UTF-8 at byte \d+: save the file as UTF-8"):
        list(read_annotations(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"test\.jsonl: no such file"):
        load_split(Split.TEST, tmp_path)


def test_the_shipped_splits_are_there() -> None:
    for part in Split:
        assert split_path(part).is_file()
    assert sum(len(load_split(part)) for part in Split) == 12336
