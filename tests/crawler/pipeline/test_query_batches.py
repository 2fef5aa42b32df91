import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from crawler.pipeline.query_batches import QueryBatcher


def test_what_comes_up_meanwhile_is_asked_together_and_each_gets_its_own_answer() -> None:
    asked: list[list[int]] = []
    go_on = Event()

    def answer(questions: Sequence[int]) -> list[int | Exception]:
        asked.append(list(questions))
        assert go_on.wait(10)
        return [ValueError("no three") if x == 3 else x * x for x in questions]

    async def ask() -> list[int | BaseException]:
        together = QueryBatcher(thread, answer, most=3)
        answers = [asyncio.ensure_future(together.ask(x)) for x in range(5)]
        while not asked:
            await asyncio.sleep(0)
        answers += [asyncio.ensure_future(together.ask(x)) for x in (5, 6)]
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(*answers, return_exceptions=True)

    with ThreadPoolExecutor(1) as thread:
        found = asyncio.run(ask())
    assert asked == [[0, 1, 2], [3, 4, 5], [6]]
    assert [str(x) for x in found] == ["0", "1", "4", "no three", "16", "25", "36"]


def test_an_error_of_the_whole_reaches_all_and_the_next_question_is_asked() -> None:
    def answer(questions: Sequence[int]) -> list[int]:
        if 0 in questions:
            raise OSError("gone")
        return list(questions)

    async def ask() -> int:
        together = QueryBatcher(thread, answer)
        for failed in await asyncio.gather(*map(together.ask, (0, 1)), return_exceptions=True):
            assert isinstance(failed, OSError)
        return await together.ask(2)

    with ThreadPoolExecutor(1) as thread:
        assert asyncio.run(ask()) == 2


def test_one_who_gives_up_costs_the_others_nothing() -> None:
    go_on = Event()

    def answer(questions: Sequence[int]) -> list[int]:
        assert go_on.wait(10)
        return list(questions)

    async def ask() -> int:
        together = QueryBatcher(thread, answer)
        first, second = (asyncio.ensure_future(together.ask(x)) for x in (1, 2))
        await asyncio.sleep(0)
        first.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    with ThreadPoolExecutor(1) as thread:
        assert asyncio.run(ask()) == 2
