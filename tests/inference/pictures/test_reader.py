"""The reader: a child process that a picture may crash, cached results, and clear messages."""

import os
import signal
import sys
from pathlib import Path

import pytest

from inference.pictures.errors import PictureError, ReaderMissing
from inference.pictures.missing import in_one_line
from inference.pictures.reader import TESSERACT, PictureReader

pytest.importorskip("PIL")
pytest.importorskip("numpy")

ENGINE = '''
import os, time
from inference.pictures.ocr.layout import Line, RotatedBox
class Engine:
    """Reads the size of a picture; a red one ends the process, a green one takes for ever."""
    name = "sizes 1"
    def read(self, pixels):
        red, green, blue = pixels[0, 0]
        if red > 200 > green: os._exit(9)
        if green > 200 > red: time.sleep(3600)
        if blue > 200 > red: raise MemoryError
        height, width = pixels.shape[:2]
        print("noise on standard output")
        return [[Line(f"{width} x {height} {os.getpid()}", RotatedBox(width / 2, height / 2, width, height), 0.5)]]
'''


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "engine_of_tests.py").write_text(ENGINE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "engine_of_tests:Engine"


def picture(colour: str, size: tuple[int, int] = (80, 40)) -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_another_engine_can_be_put_in_the_place_of_tesseract(engine):
    with PictureReader(engine) as reader:
        read = reader.read(picture("white"))
    assert read.engine == "sizes 1"
    assert read.lines[0].text.startswith("80 x 40")
    assert read.lines[0].box == (0, 0, 80, 40)


@pytest.mark.costly
def test_boxes_are_those_of_the_picture_as_it_was_given(engine):
    with PictureReader(engine) as reader:
        (line,) = reader.read(picture("white", (6000, 600))).lines
    assert line.text.startswith("2560 x 256 ")
    assert line.box == (0, 0, 6000, 600)


@pytest.mark.costly
def test_a_picture_that_ends_the_child_does_not_end_the_reader(engine):
    with PictureReader(engine) as reader:
        with pytest.raises(PictureError) as caught:
            reader.read(picture("red"))
        assert caught.value.code == "picture_failed"
        assert reader.read(picture("white")).lines


@pytest.mark.costly
def test_a_child_that_was_ended_meanwhile_costs_no_picture(engine):
    """As for lack of memory, or by a signal to the whole process group."""
    with PictureReader(engine) as reader:
        child = int(reader.read(picture("white")).lines[0].text.split()[-1])
        assert os.getpgid(child) != os.getpgid(0)
        os.kill(child, signal.SIGTERM)
        other = reader.read(picture("white", (81, 40)))
    assert other.lines[0].text.startswith("81 x 40")


@pytest.mark.costly
def test_a_strip_is_read_in_pieces_and_its_boxes_are_those_of_the_whole(engine):
    with PictureReader(engine) as reader:
        lines = reader.read(picture("white", (300, 3000))).lines
    sizes = [line.text.rsplit(" ", 1)[0] for line in lines]
    assert len(sizes) > 4
    assert all(size.startswith("300 x ") for size in sizes)
    assert lines[0].box[1] == 0
    assert sum(lines[-1].box[1::2]) == pytest.approx(3000, abs=1)
    assert [line.box[1] for line in lines] == sorted(line.box[1] for line in lines)


@pytest.mark.costly
def test_a_picture_that_takes_too_long_is_stopped(engine):
    with PictureReader(engine, seconds=0.5) as reader:
        with pytest.raises(PictureError) as caught:
            reader.read(picture("lime"))
        assert caught.value.code == "picture_too_slow"
    with PictureReader(engine) as reader:
        assert reader.read(picture("white")).lines


@pytest.mark.costly
def test_a_picture_that_needs_too_much_memory_fails_alone(engine):
    with PictureReader(engine) as reader:
        before = reader.read(picture("white")).lines[0].text.split()[-1]
        with pytest.raises(PictureError) as caught:
            reader.read(picture("blue"))
        assert caught.value.code == "picture_failed"
        after = reader.read(picture("white", (81, 40))).lines[0].text.split()[-1]
    assert before == after, "the child went on"


def test_what_is_no_picture_is_said_to_be_none(engine):
    with PictureReader(engine) as reader, pytest.raises(PictureError) as caught:
        reader.read(b"%PDF-1.7 not a picture")
    assert caught.value.code == "picture_unknown_type"


def test_a_file_that_is_too_large_is_not_handed_on(engine):
    with PictureReader(engine, most_bytes=100) as reader, pytest.raises(PictureError) as caught:
        reader.read(picture("white") + b"\0" * 100)
    assert caught.value.code == "picture_too_large"


def test_the_same_picture_is_read_once(engine):
    with PictureReader(engine) as reader:
        first = reader.read(picture("white"))
        reader.close()
        assert reader.read(picture("white")) is first
        other = reader.read(picture("white", (82, 40)))
        assert other.lines[0].text.split()[-1] != first.lines[0].text.split()[-1]


@pytest.mark.costly
def test_results_are_kept_within_bounds(engine):
    with PictureReader(engine, kept_bytes=700) as reader:
        first = reader.read(picture("white"))
        reader.read(picture("white", (82, 40)))
        again = reader.read(picture("white"))
    assert again is not first
    assert again.lines == first.lines


@pytest.mark.costly
def test_an_engine_that_does_not_start_is_missing():
    with (
        PictureReader("no_such_module:Engine") as reader,
        pytest.raises(ReaderMissing, match="no_such_module"),
    ):
        reader.read(b"x")


def test_where_the_thai_data_are_missing_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("inference.pictures.missing.data_folder", lambda *_: None)
    with (
        PictureReader(TESSERACT) as reader,
        pytest.raises(ReaderMissing, match="tesseract-ocr-tha") as caught,
    ):
        reader.read(picture("white"))
    assert "tesseract-ocr-tha" in caught.value.thai


def test_the_base_install_needs_none_of_the_extra(monkeypatch):
    for module in ("cv2", "PIL", "rapidocr", "tesserocr"):
        monkeypatch.setitem(sys.modules, module, None)
    with PictureReader(TESSERACT) as reader, pytest.raises(ReaderMissing, match=r"ruthan\[images\]"):
        reader.read(b"x")


def test_one_line_says_what_a_machine_lacks(monkeypatch):
    monkeypatch.setattr("inference.pictures.missing.data_folder", lambda *_: None)
    assert "apt-get install tesseract-ocr tesseract-ocr-tha" in in_one_line()
    assert "\n" not in in_one_line()


@pytest.mark.needs_tesseract
def test_plain_thai_is_read(reader, drawn):
    texts = [line.text for line in reader.read(drawn("ลดน้ำหนักได้ผลจริง", "รักษาเบาหวาน")).lines]
    assert texts == ["ลดน้ำหนักได้ผลจริง", "รักษาเบาหวาน"]


@pytest.mark.needs_tesseract
def test_tone_marks_are_not_read_as_a_line_above_their_letters(reader, drawn):
    font = Path("/usr/share/fonts/truetype/tlwg/Loma-Bold.ttf")
    if not font.exists():
        pytest.skip("needs fonts-thai-tlwg")
    words = "นวดปุ๊บร้อนวูบ น้ำมันพริกไทยดำตัวนี้"
    assert [line.text for line in reader.read(drawn(words, path=font)).lines] == [words]


@pytest.mark.needs_tesseract
def test_light_letters_on_a_dark_ground_are_read(reader, drawn):
    (line,) = reader.read(drawn("บรรเทาอาการปวดหลัง", ground="#700010", ink="#fff4c0")).lines
    assert line.text == "บรรเทาอาการปวดหลัง"
    assert line.confidence > 0.8


@pytest.mark.needs_tesseract
def test_a_picture_without_letters_has_no_lines(reader):
    assert reader.read(picture("white", (300, 300))).lines == ()
