"""What is counted of a text's form."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from labels.dataset.traits import Traits, traits_of
from ruthan import main

PAGE = """Vitamin C Serum สูตรใหม่
ราคา 390 บาท
✅ ช่วยให้ผิวชุ่มชื้น
- ส่วนประกอบ: Niacinamide, Sodium Hyaluronate Cross Polymer
วิธีใช้ ทาเช้าเย็น
https://example.com #ผิวดี #serum #ของแท้"""
PLAIN = "เก้าอี้ไม้สัก งานเก่าเก็บ สภาพดี"


@pytest.mark.parametrize(
    "trait",
    ["english_run", "price", "directions", "ingredients", "emoji", "bullet_lines", "links", "three_hashtags"],
)
def test_a_trait_is_counted_where_it_is(trait: str) -> None:
    found = traits_of([PAGE, PLAIN])
    assert found is not None
    assert getattr(found, trait) == 0.5


def test_lengths_letters_and_helping_words() -> None:
    found = traits_of(["ab ช่วย", "ก" * 9])
    assert found == Traits(
        texts=2, median_characters=8, ninetieth_characters=8.8, latin_share=2 / 15, english_run=0, price=0,
        directions=0, ingredients=0, emoji=0, bullet_lines=0, links=0, three_hashtags=0, chuai=1000 / 16,
    )  # fmt: skip
    assert traits_of([]) is None


def test_the_command_shows_the_traits_of_any_file_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"text": PAGE}) + "\n" + json.dumps({"text": PLAIN}) + "\n")
    result = CliRunner().invoke(main, ["labels", "stats", "--texts", str(path)])
    assert result.exit_code == 0, result.output
    assert "three hashtags or more" in result.output
    assert "50%" in result.output
    path.write_text("{}\n")
    assert (
        "posts.jsonl:1: no field"
        in CliRunner().invoke(main, ["labels", "stats", "--texts", str(path)]).output
    )
