"""Unlabelled texts are read whole, and what cannot be read is said."""

import gzip
import json

import pytest

from training.data.texts import TextsError, hub_column, read_texts

LONG = "กาแฟดำคั่วกลาง หอมละมุน ถุงละสองร้อยห้าสิบกรัม"
OTHER = "ครีมกันแดดเนื้อบางเบา ไม่เหนียวเหนอะหนะ"


def test_a_text_a_line_and_short_ones_left_out(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"\ufeff{LONG}\nสั้น\n{OTHER}\u2028ต่อ\n", encoding="utf-8")
    assert read_texts(path) == [LONG, f"{OTHER}\u2028ต่อ"]


def test_json_lines_gzipped(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    rows = [{"text": LONG}, {"texts": OTHER, "category": "neu"}]
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    assert read_texts(path) == [LONG, OTHER]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", LONG, "give .txt"),
        ("a.jsonl", '{"text": 3}', "line 1: no field"),
        ("a.jsonl", f'{{"text": "{LONG}"}}\n{{oops', "line 2: not JSON"),
        ("a.txt", "สั้น", "no text of 20"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TextsError, match=said):
        read_texts(path)


def test_a_file_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(LONG.encode("cp874"))
    with pytest.raises(TextsError, match="UTF-8"):
        read_texts(path)


def test_blank_lines_of_windows_are_skipped(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps({"text": LONG}).encode() + b"\r\n\r\n")
    assert read_texts(path) == [LONG]


@pytest.mark.parametrize(
    "broken", [b"hello", gzip.compress(LONG.encode(), mtime=0)[:-12], b""], ids=["no", "cut", "empty"]
)
def test_a_broken_gzip_file_is_refused(tmp_path, broken):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(broken)
    with pytest.raises(TextsError, match=r"a\.txt\.gz"):
        read_texts(path)


@pytest.mark.needs_train
def test_a_hub_out_of_reach_is_told_how_to_go_on(monkeypatch):
    def refuse(*_args, **_options):
        raise ConnectionError("no route")

    monkeypatch.setattr("datasets.load_dataset", refuse)
    with pytest.raises(TextsError, match="ruthan pretrain --texts"):
        hub_column("somebody/corpus", "texts")
