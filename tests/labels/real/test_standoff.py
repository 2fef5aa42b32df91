"""Stand-off annotations meet their texts by hash; what does not fit is named and left out."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labels.dataset.shipped import DatasetError, data_folder
from labels.real.sealed import SealedTextError, is_sealed, sealed_share
from labels.real.standoff import (
    Channel,
    RealSplit,
    StandOff,
    channel_of,
    join,
    join_folder,
    read_standoff,
    sha256_of_text,
    standoff_path,
)
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from ruthan import main
from tests.helpers.sealing import seal

TEXT = "ยาหม่องตราใบบัว บรรเทาปวดเมื่อย 🌿 ราคา 35 บาท"
OTHER = "เสื้อยืดผ้าฝ้าย มีห้าสี ส่งฟรีเมื่อซื้อสองตัวขึ้นไป"


def record(text: str = TEXT, **changes: object) -> StandOff:
    fields: dict[str, object] = {
        "id": "a-1",
        "source": "owner/repository",
        "where": "data.sql, row 4",
        "sha256": sha256_of_text(text),
        "split": "train",
        "platform": "web_shop",
        "product_class": "herbal",
        "offer": True,
        "spans": [(16, 31, "benefit_claim")],
    }
    return StandOff.model_validate(fields | changes)


def written(folder: Path, *records: StandOff) -> Path:
    path = folder / "standoff.jsonl"
    rows = [record.model_dump_json(exclude_defaults=True) for record in records]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def texts(folder: Path, *rows: tuple[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in rows]
    (folder / "some.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    records = [record(), record(OTHER, id="a-2", offer=False, spans=[], split="validation", annotations=3)]
    assert read_standoff(written(tmp_path, *records)) == records


def test_a_text_is_found_by_its_hash_whatever_its_id() -> None:
    found = join([record()], [("another-id", TEXT)])
    (one,) = found.records[RealSplit.TRAIN]
    assert (one.text, one.product_class, one.source) == (TEXT, ProductClass.HERBAL, "owner/repository")
    assert [(one.text[s.start : s.end], s.label) for s in one.spans] == [
        ("บรรเทาปวดเมื่อย", ClaimLabel.BENEFIT)
    ]
    assert (found.missing, found.differing) == ([], [])


def test_missing_and_differing_texts_are_told_apart_and_left_out() -> None:
    records = [record(), record(OTHER, id="a-2", spans=[])]
    found = join(records, [("a-1", TEXT + " "), ("a-9", "อื่น")])
    assert (found.differing, found.missing) == (["a-1"], ["a-2"])
    assert not any(found.records.values())


def test_a_text_that_differs_from_its_record_is_not_one_of_the_others() -> None:
    """Nor is another copy of it without an id."""
    changed = TEXT + " "
    assert join([record()], [("", changed), ("a-1", changed), ("", OTHER)]).others == [OTHER]


def test_texts_are_utf8_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path, record())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    folder = texts(tmp_path / "texts", ("a-1", TEXT))
    file = folder / "some.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(join_folder(folder, path).records[RealSplit.TRAIN]) == 1
    file.write_bytes(json.dumps({"text": TEXT}, ensure_ascii=False).encode("cp874", "ignore"))
    with pytest.raises(DatasetError, match=r"some\.jsonl: not UTF-8"):
        join_folder(folder, path)


def test_check_reports_repeated_texts_and_small_sources_in_both_splits(tmp_path: Path) -> None:
    def told(*records: StandOff) -> str:
        arguments = ["--texts", str(tmp_path / "none"), "--annotations", str(written(tmp_path, *records))]
        result = CliRunner().invoke(main, ["labels", "real", "check", *arguments])
        assert result.exit_code == 1
        return result.output

    assert "a-2 has the same sha256 as a-1" in told(record(), record(id="a-2", source="another"))
    second = record(OTHER, id="a-2", spans=[], split="validation")
    assert "the source owner/repository is in both splits with 2 texts" in told(record(), second)


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    folder = texts(tmp_path / "texts", ("a-1", TEXT))
    (folder / "more.json").write_text("[]", encoding="utf-8")
    arguments = ["--texts", str(folder), "--annotations", str(written(tmp_path, record()))]
    result = CliRunner().invoke(main, ["labels", "real", "check", *arguments])
    assert result.exit_code == 0, result.output
    assert "1 files are not read, since they are not .jsonl: more.json" in result.output


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"spans": [(31, 16, "benefit_claim")]}, "end must be greater"),
        ({"offer": False}, "offer false"),
    ],
)
def test_a_faulty_record_is_named_with_its_line(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    path = written(tmp_path, record(), record(id="a-2", **changes))
    with pytest.raises(DatasetError, match=told) as caught:
        read_standoff(path)
    assert caught.value.line == 2


def test_ids_must_differ_and_lines_must_be_records(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="twice"):
        read_standoff(written(tmp_path, record(), record()))
    (tmp_path / "bad.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(DatasetError, match="sha256"):
        read_standoff(tmp_path / "bad.jsonl")


def test_an_offset_beyond_the_text_stops_the_join(tmp_path: Path) -> None:
    path = written(tmp_path, record(spans=[(0, 999, "benefit_claim")]))
    with pytest.raises(DatasetError, match="ends after the text"):
        join_folder(texts(tmp_path / "texts", ("a-1", TEXT)), path)


@pytest.fixture
def sealed_text(monkeypatch: pytest.MonkeyPatch) -> str:
    """A text that the filter is made to know."""
    return seal(monkeypatch, "ครีมตัวอย่างที่อยู่ในข้อสอบลับ ห้ามนำไปฝึกโมเดลเด็ดขาดไม่ว่ากรณีใด")


def test_a_sealed_text_is_known_again_with_other_spaces_and_a_new_end(sealed_text: str) -> None:
    assert sealed_share(sealed_text) == 1
    assert is_sealed(sealed_text.replace(" ", "\n") + " สั่งเลย")
    assert not is_sealed(OTHER)
    assert sealed_share("") == 0


def test_a_folder_with_a_sealed_text_is_refused_and_the_place_is_named(
    tmp_path: Path, sealed_text: str
) -> None:
    folder = texts(tmp_path / "texts", ("a-1", TEXT), ("b-2", sealed_text))
    path = written(tmp_path, record())
    with pytest.raises(SealedTextError, match=r"some\.jsonl:2"):
        join_folder(folder, path)
    result = CliRunner().invoke(
        main, ["labels", "real", "check", "--texts", str(folder), "--annotations", str(path)]
    )
    assert result.exit_code == 1
    assert "some.jsonl:2" in result.output


def test_the_command_joins_and_says_what_it_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, record(), record(OTHER, id="a-2", spans=[], split="validation", source="b"))
    folder = texts(tmp_path / "texts", ("x", TEXT))
    arguments = ["--texts", str(folder), "--annotations", str(path)]
    result = CliRunner().invoke(main, ["labels", "real", "join", *arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "1 records have no text here and are left out: a-2" in result.output
    (line,) = (tmp_path / "out" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["text"] == TEXT
    assert CliRunner().invoke(main, ["labels", "real", "check", *arguments]).exit_code == 1


def test_half_an_emoji_is_told_with_its_line_and_still_hashed(tmp_path: Path) -> None:
    half = f"{TEXT} \ud83d"
    folder = tmp_path / "texts"
    folder.mkdir()
    rows = "".join(json.dumps({"text": text}) + "\n" for text in (OTHER, half))
    (folder / "some.jsonl").write_text(rows, encoding="ascii")
    out = tmp_path / "out"
    arguments = ["--texts", str(folder), "--annotations", str(written(tmp_path, record(half)))]
    result = CliRunner().invoke(main, ["labels", "real", "join", *arguments, "--out", str(out)])
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "some.jsonl:2: text: half a character (lone surrogate U+D83D)" in result.output
    assert not out.exists()


def test_half_an_emoji_from_the_hub_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = f"{TEXT} \ud83d"
    folder = texts(tmp_path / "texts", ("x", OTHER))
    arguments = ["--texts", str(folder), "--annotations", str(written(tmp_path, record(half)))]
    monkeypatch.setattr("ruthan._hub_texts", lambda _: [half])
    command = [
        "labels",
        "real",
        "join",
        *arguments,
        "--out",
        str(tmp_path / "out"),
        "--hub",
        "owner/data:texts",
    ]
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "cannot write here" in result.output


def test_texts_come_from_the_hub_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ruthan

    path = written(tmp_path, record(), record(OTHER, id="a-2", spans=[]))
    folder = texts(tmp_path / "texts", ("x", TEXT))
    arguments = ["--texts", str(folder), "--annotations", str(path), "--out", str(tmp_path / "out")]
    asked: list[str] = []
    monkeypatch.setattr(ruthan, "_hub_texts", lambda name: asked.append(name) or [OTHER, "อื่น"])
    result = CliRunner().invoke(main, ["labels", "real", "join", *arguments, "--hub", "owner/data:texts"])
    assert result.exit_code == 0, result.output
    assert asked == ["owner/data:texts"]
    assert "train.jsonl: 2 records" in result.output


def test_a_hub_without_a_column_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, record())
    arguments = ["--texts", str(texts(tmp_path / "t", ("x", TEXT))), "--annotations", str(path)]
    command = ["labels", "real", "join", *arguments, "--out", str(tmp_path / "out"), "--hub", "owner/data"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "DATASET:COLUMN" in result.output


def test_without_the_folder_the_annotations_alone_are_checked(tmp_path: Path) -> None:
    arguments = ["--texts", str(tmp_path / "none"), "--annotations", str(written(tmp_path, record()))]
    result = CliRunner().invoke(main, ["labels", "real", "check", *arguments])
    assert result.exit_code == 0
    assert "train: 1 texts of 1 sources (1 site), 0 annotated twice" in result.output


def test_the_shipped_annotations_are_a_corpus() -> None:
    records = read_standoff(standoff_path())
    by_source = Counter(record.source for record in records)
    many_sellers = {source for source, count in by_source.items() if count > 40}
    assert many_sellers <= {"Shopee Thailand (saved pages)", "Wisesight Sentiment Corpus"}
    assert sum(count for source, count in by_source.items() if source not in many_sellers) >= 1_500
    assert len(by_source) >= 100
    parts = {part: [r for r in records if r.split is part] for part in RealSplit}
    train, validation = ({r.source for r in found} for found in parts.values())
    assert train & validation <= many_sellers
    assert sum(r.annotations > 1 for r in parts[RealSplit.VALIDATION]) >= 300
    assert len({r.sha256 for r in records}) == len(records)


def test_the_texts_that_were_annotated_again_are_validation_texts() -> None:
    shipped = {record.id: record for record in read_standoff(standoff_path())}
    again = read_standoff(data_folder() / "agreement" / "real-again.jsonl")
    assert len(again) == 575
    assert all(record.split is RealSplit.VALIDATION for record in again)
    assert all(record.sha256 == shipped[record.id].sha256 for record in again)


@pytest.mark.parametrize(
    ("platform", "channel"),
    [
        (Platform.MARKETPLACE, Channel.MARKETPLACE),
        (Platform.WEB_SHOP, Channel.SITE),
        (Platform.FACEBOOK, Channel.POST),
        (Platform.FORUM, Channel.POST),
    ],
)
def test_channels(platform: Platform, channel: Channel) -> None:
    assert channel_of(platform) is channel
