"""Pictures that rows name: found in their folder only, told where missing, read with the listing."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from inference.bulk.commands import _run_ids
from inference.bulk.scoring import ScoringJob
from inference.model.bundle import shipped_bundle
from inference.pictures.errors import PictureError
from inference.pictures.named import MOST, NamedPictures, PictureFolder, names_in, without_names
from inference.records import listing_from_record
from labels.schema import Listing
from ruthan import main

ENGINE = '''
from inference.pictures.ocr.layout import Line, RotatedBox
class Engine:
    """Reads a claim in a red picture and nothing in others."""
    name = "colours 1"
    def read(self, pixels):
        red, green, blue = pixels[0, 0]
        text = "รักษามะเร็ง" if red > 200 > green else "แคปซูล"
        return [[Line(text, RotatedBox(40, 20, 60, 30), 0.95)]]
'''
CLEAN = "แคปซูล 590 บาท"
FIELDS = ["id", "text", "images"]


def listing(images: object) -> Listing:
    return listing_from_record({"id": "1", "text": "ก", "images": images})


def test_names_are_told_from_addresses_in_lists_and_in_cells() -> None:
    for given in (
        [
            "a.png",
            "https://x.example/b.png",
            "ภาพ/ข.png",
            "a.png",
            "//x.example/c.png",
            "data:image/png;base64,x",
        ],
        "a.png | https://x.example/b.png|ภาพ/ข.png\r\na.png|//x.example/c.png|data:image/png;base64,x",
        '["a.png", "https://x.example/b.png", "ภาพ/ข.png", "//x.example/c.png", "data:image/png;base64,x"]',
    ):
        assert names_in(listing(given)) == ["a.png", "ภาพ/ข.png"]
        bare = without_names(listing(given))
        assert [address[:5] for address in bare.images] == ["https", "//x.e", "data:"]
        assert bare.extra == {}
    padded = ["", " ", " https://x.example/b.png", " a.png\n"]
    for given in (padded, json.dumps(padded)):
        assert names_in(listing(given)) == ["a.png"]
        assert without_names(listing(given)).images == ["https://x.example/b.png"]
    unnamed: tuple[object, ...] = (None, 7, [7], [], "", {}, "none", " none ", ["none"], '["none"]')
    for nothing in unnamed:
        assert names_in(listing(nothing)) == []
    for given in ("[" * 5000, "[7]", "[a].png"):
        assert names_in(listing(given)) == [given]
    assert without_names(listing(7)).extra == {"images": 7}


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "in").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "in" / "a.png").write_bytes(b"a")
    (folder / "out.png").symlink_to(tmp_path / "secret")
    (folder / "around").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "within.png").symlink_to(folder / "in" / "a.png")
    files = PictureFolder(folder)
    for name in ("in/a.png", "in\\a.png", "./in/../in/a.png", "within.png"):
        assert files.content(name) == b"a", name
    for name in (
        "../secret",
        str(tmp_path / "secret"),
        "out.png",
        "around/secret",
        "in",
        "",
        "none.png",
        "a\0b",
        "\ud800.png",
        "loop",
        "x" * 5000,
    ):
        with pytest.raises(PictureError) as refused:
            files.content(name)
        assert refused.value.code in {"picture_not_in_folder", "picture_unopened"}, name


def test_a_picture_that_many_listings_name_is_opened_once_and_those_beyond_the_limit_are_counted() -> None:
    opened: list[str] = []

    class Files:
        def content(self, name: str) -> bytes:
            opened.append(name)
            return name.encode()

    pictures = NamedPictures(None, Files())
    names = [f"{n}.png" for n in range(MOST + 2)]
    for _ in range(2):
        given = list(pictures.of(listing(names)))
    assert opened == names[:MOST]
    assert [picture.name for picture in given] == names[: MOST + 1]
    assert [picture.error is None for picture in given] == [True] * MOST + [False]
    assert "leaves out 2:" in str(given[-1].error)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    image = pytest.importorskip("PIL.Image")
    (tmp_path / "engine_of_names.py").write_text(ENGINE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("RUTHAN_PICTURE_ENGINE", "engine_of_names:Engine")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for colour in ("red", "white"):
        image.new("RGB", (80, 40), colour).save(folder / f"{colour}.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def rows() -> list[dict[str, str]]:
    images = ["white.png|red.png", "none.png|broken.png", "", "https://shop.example/red.png"]
    return [{"id": str(n), "text": CLEAN, "images": named} for n, named in enumerate(images)]


def written(path: Path) -> Path:
    """Write the rows in the format of this name."""
    if path.suffix == ".csv":
        table = io.StringIO()
        writer = csv.DictWriter(table, FIELDS)
        writer.writeheader()
        writer.writerows(rows())
        path.write_text(table.getvalue(), encoding="utf-8")
    elif path.suffix == ".xlsx":
        book = Workbook()
        for row in [FIELDS, *([row[name] for name in FIELDS] for row in rows())]:
            book.active.append(row)
        book.save(path)
    else:
        lines = [row | {"images": [name for name in row["images"].split("|") if name]} for row in rows()]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def check(found: list[dict[str, Any]]) -> None:
    first, second, third, fourth = found
    assert first["verdict"] == "prohibited"
    assert [(p["file"], p["status"]) for p in first["pictures"]] == [
        ("white.png", "read"),
        ("red.png", "read"),
    ]
    assert first["pictures"][1]["claims"][0]["text"] == "รักษามะเร็ง"
    assert [picture["status"] for picture in second["pictures"]] == ["unread", "unread"]
    told = [finding["english"] for finding in second["findings"]]
    assert "no file of this name in the folder or archive" in told[-2]
    assert "picture" in told[-1]
    assert "pictures" not in third | fourth
    assert (second["verdict"], second["risk"]) == (third["verdict"], third["risk"])


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "xlsx"])
def test_both_commands_read_the_pictures_that_rows_name(
    bundle: Path, tmp_path: Path, folder: Path, suffix: str
) -> None:
    file = written(tmp_path / f"in.{suffix}")

    def run(*args: object) -> Result:
        result = CliRunner().invoke(main, list(map(str, args)), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    options = ("--bundle", bundle, "--images", folder)
    found = run("classify", "--json", *options, file)
    check([json.loads(line) for line in found.stdout.splitlines()])
    assert run("classify", *options, file).stdout.count("this picture was not read") == 2
    out = tmp_path / "out.jsonl"
    run("score", *options, file, out)
    check([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()])
    table = tmp_path / "out.csv"
    run("score", *options, file, table)
    with table.open(encoding="utf-8-sig", newline="") as text:
        cells = [row["pictures"] for row in csv.DictReader(text)]
    assert [bool(cell) for cell in cells] == [True, True, False, False]
    assert json.loads(cells[0])[1]["file"] == "red.png"


@pytest.mark.costly
def test_the_prefilter_skips_no_record_that_names_pictures(tmp_path: Path, folder: Path) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rain = {"text": "วันนี้ฝนตกหนักมาก รถติดยาวถึงแยกหน้า กว่าจะถึงบ้าน 2 ทุ่มกว่า"}
    file.write_text(
        json.dumps(rain | {"id": "1"}) + "\n" + json.dumps(rain | {"id": "2", "images": ["red.png"]})
    )
    args = [
        "score",
        "--bundle",
        str(shipped_bundle()),
        "--images",
        str(folder),
        "--screen",
        str(file),
        str(out),
    ]
    assert CliRunner().invoke(main, args).exit_code == 0
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line.get("screened_out", False) for line in found] == [True, False]


def test_a_run_with_other_pictures_is_another_run(bundle: Path, tmp_path: Path, folder: Path) -> None:
    file = written(tmp_path / "in.jsonl")
    runs = [_run_ids([file], ScoringJob(bundle, images=images)) for images in (None, folder, tmp_path)]
    assert len({run for (run,) in runs}) == 3


def test_one_listing_or_a_file_of_them(bundle: Path, folder: Path) -> None:
    both = ["classify", "--bundle", str(bundle), "--images", str(folder), "--image", "a.png", "in.jsonl"]
    result = CliRunner().invoke(main, both)
    assert result.exit_code == 2
    assert "--image for one listing" in result.output
