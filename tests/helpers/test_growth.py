"""The measure of tests/helpers/growth.py distinguishes linear from quadratic work."""

from tests.helpers.growth import LINEAR, growth


def test_linear_work_is_told_from_quadratic() -> None:
    assert growth("x".__mul__, lambda text: [ord(letter) for letter in text], 80_000) < LINEAR
    assert growth(range, lambda numbers: [sum(numbers[:n]) for n in numbers], 1_600) > LINEAR
