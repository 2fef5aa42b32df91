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
