import time

from service.text.text_difference import difference
from tests.helpers.growth import LINEAR, growth


def test_only_what_differs_is_shown() -> None:
    before = "ครีมสมุนไพร\nช่วยให้ผิวชุ่มชื้น\nราคา 300 บาท\nส่งฟรี"
    after = "ครีมสมุนไพร\nช่วยให้ผิวขาวถาวร\nราคา 350 บาท\nส่งฟรี\nทักไลน์"
    assert difference(before, after) == [
        "~ ช่วยให้ผิว[-ชุ่มชื้น-]{+ขาวถาวร+}",
        "~ ราคา [-300-]{+350+} บาท",
        "+ ทักไลน์",
    ]
    assert difference(after, before)[-1] == "- ทักไลน์"
    assert difference(before, before) == []


def test_no_letter_is_parted_from_its_marks() -> None:
    assert difference("น้ำมัน", "น่ำมัน") == ["~ [-น้-]{+น่+}ำมัน"]


def test_the_work_on_a_hostile_line_is_linear() -> None:
    assert difference("ก" * 200_000, "ข" * 200_000)[0].startswith("~ [-ก")
    for before, after in (("ก", "ข"), ("กข", "ขก")):
        assert _growth_of(before, after) < LINEAR


def _growth_of(before: str, after: str) -> float:
    return growth(lambda size: (before * size, after * size), lambda pair: difference(*pair), 80_000)


def test_the_work_on_many_repetitive_lines_is_linear() -> None:
    before = "-\n\n"
    assert growth(lambda size: before * size, lambda text: difference(text, f"x\n{text}y"), 20_000) < LINEAR


def test_many_repetitive_lines_are_compared_in_seconds() -> None:
    """Each line would take the longest that a line of its length can."""
    size = 100
    before = "\n".join("ก" * 2 * size for _ in range(200))
    after = "\n".join("".join(f"ก{chr(0x4E00 + place)}" for place in range(size)) for _ in range(200))
    began = time.process_time()
    assert len(difference(before, after)) == 200
    assert time.process_time() - began < 5


def test_a_change_in_a_long_text_is_shown_alone() -> None:
    """What both texts begin and end with needs no comparison, however long it is."""
    lines = [f"บรรทัดที่ {number}" for number in range(5_000)]
    changed = [*lines[:2_500], "บรรทัดใหม่", *lines[2_500:]]
    assert difference("\n".join(lines), "\n".join(changed)) == ["+ บรรทัดใหม่"]
    start, end = "ก" * 5_000, "ข" * 5_000
    assert difference(f"{start}300{end}", f"{start}350{end}") == [f"~ {start}[-300-]{{+350+}}{end}"]
