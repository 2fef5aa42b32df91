from datetime import date

from service.shadow.capacity import Waiting, worked

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


def test_the_riskiest_first_and_the_others_wait() -> None:
    cases = [
        Waiting(1, MONDAY, 0.9), Waiting(2, MONDAY, 0.5), Waiting(3, MONDAY, 0.7), Waiting(4, TUESDAY, 0.6),
        Waiting(5, TUESDAY, 0.6),
    ]  # fmt: skip
    days = worked(cases, MONDAY, WEDNESDAY, 2)
    assert [(work.seen, work.waiting) for work in days.values()] == [([1, 3], 1), ([5, 4], 1), ([2], 0)]


def test_part_of_a_case_is_carried_over_and_an_empty_queue_saves_nothing_up() -> None:
    busy = [Waiting(number, MONDAY, 0.5) for number in range(20)]
    days = worked(busy, MONDAY, WEDNESDAY, 1.5)
    assert [len(work.seen) for work in days.values()] == [1, 2, 1]
    tenths = worked(busy, date(2026, 11, 1), date(2026, 11, 10), 0.1)
    assert sum(len(work.seen) for work in tenths.values()) == 0  # nothing has arrived yet
    idle = worked([Waiting(n, WEDNESDAY, 0.5) for n in range(9)], MONDAY, WEDNESDAY, 3)
    assert [len(work.seen) for work in idle.values()] == [0, 0, 3]


def test_ten_tenths_are_one_case() -> None:
    cases = [Waiting(number, date(2026, 11, 1), 0.5) for number in range(5)]
    days = worked(cases, date(2026, 11, 1), date(2026, 11, 20), 0.1)
    assert [day.day for day, work in days.items() if work.seen] == [10, 20]
