"""``ruthan classify`` as a person or a script calls it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inference.model.bundle import MANIFEST
from ruthan import main

ILLEGAL = "แคปซูล รักษามะเร็ง 590 บาท"
PAGE = """<!doctype html><html><head><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "แคปซูลใบไผ่", "description": "รักษามะเร็ง สั่งเลย",
 "offers": {"@type": "Offer", "price": "590", "priceCurrency": "THB"}}
</script></head><body><h1>แคปซูลใบไผ่</h1><p>สั่งซื้อ</p></body></html>"""


def run(bundle: Path, *args: str, content: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["classify", "--bundle", str(bundle), *args], input=content)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_has_the_keys_that_others_build_on(bundle: Path) -> None:
    text = ILLEGAL + " บาท อย. 10-1-00005-5-0001 บาท โทร 081-234-5678 บาท"
    result = run(bundle, "--json", content=json.dumps({"id": "7", "text": text}).encode())
    assert (result.exit_code, result.stderr) == (0, "")
    (answer,) = answers(result)
    assert {
        "id",
        "verdict",
        "risk",
        "product_class",
        "offer",
        "claims",
        "licences",
        "contacts",
        "model",
    } <= set(answer)
    assert (answer["id"], answer["verdict"], answer["offer"]) == ("7", "prohibited", True)
    (claim,) = answer["claims"]
    assert {"start", "end", "label", "probability", "text", "law"} <= set(claim)
    assert text[claim["start"] : claim["end"]] == claim["text"] == "รักษามะเร็ง"
    assert claim["law"]
    (licence,) = answer["licences"]
    assert {"start", "end", "kind", "number", "shape", "status", "reason"} <= set(licence)
    assert text[licence["start"] : licence["end"]] == "10-1-00005-5-0001"


def test_a_bad_line_is_reported_and_the_rest_is_answered_in_order(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(
        b'{"id": "a", "text": "x"}\n{bad\n\n{"id": "b", "title": null, "description": "y"}\n\xff\n'
    )
    result = run(bundle, "--json", str(file))
    assert result.exit_code == 1
    assert [a["id"] for a in answers(result)] == ["a", "b"]
    assert f"{file}: line 2: not JSON" in result.stderr
    assert "line 5: not UTF-8" in result.stderr
    assert "2 line(s) could not be read" in result.stderr


def test_csv(bundle: Path, tmp_path: Path) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([["id", "title", "description"], ["1", "แคปซูล", "รักษามะเร็ง 5 บาท"]])
    file = tmp_path / "in.csv"
    file.write_text(table.getvalue(), encoding="utf-8", newline="")
    (answer,) = answers(run(bundle, "--json", str(file)))
    assert answer["claims"][0]["start"] == 7  # type: ignore[index]


def test_plain_text_and_a_saved_page(bundle: Path, tmp_path: Path) -> None:
    text, page = tmp_path / "a.txt", tmp_path / "a.html"
    text.write_text(ILLEGAL, encoding="utf-8")
    page.write_text(PAGE, encoding="utf-8")
    for file in (text, page):
        (answer,) = answers(run(bundle, "--json", str(file)))
        assert answer["id"] == file.name
        assert "รักษามะเร็ง" in [c["text"] for c in answer["claims"]]  # type: ignore[attr-defined]
    (answer,) = answers(run(bundle, "--json", content=PAGE.encode()))
    assert answer["id"] == "stdin"


def test_a_page_that_is_no_product_says_what_to_do(bundle: Path, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<!doctype html><html><body>ข่าว</body></html>", encoding="utf-8")
    result = run(bundle, str(page))
    assert result.exit_code == 1
    assert f"{page}: the page is not a product page" in result.stderr


def test_a_persons_view(bundle: Path) -> None:
    result = run(bundle, content=ILLEGAL.encode())
    assert result.exit_code == 0
    assert "ผิดกฎหมาย" in result.stdout or "ต้องห้าม" in result.stdout
    assert "“รักษามะเร็ง”" in result.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), ("ครีม".encode("cp874"), "not UTF-8")],
)
def test_unreadable_input_says_what_to_do(bundle: Path, content: bytes, message: str) -> None:
    result = run(bundle, content=content)
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr


def test_a_missing_file(bundle: Path, tmp_path: Path) -> None:
    result = run(bundle, str(tmp_path / "none.txt"))
    assert result.exit_code == 1
    assert "none.txt cannot be read" in result.stderr


def test_a_missing_and_a_tampered_bundle(bundle: Path, tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere", content=b"x")
    assert result.exit_code == 1
    assert "no model bundle" in result.stderr
    (bundle / "model.onnx").write_bytes(b"x")
    result = run(bundle, content=b"x")
    assert result.exit_code == 1
    assert "not the file that was released" in result.stderr
    (bundle / MANIFEST).write_text("{", encoding="utf-8")
    assert "cannot be read" in run(bundle, content=b"x").stderr


def test_a_missing_registry(bundle: Path, tmp_path: Path) -> None:
    result = run(bundle, "--registry", str(tmp_path / "none.csv"), content=b"x")
    assert result.exit_code == 1
    assert "none.csv" in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
