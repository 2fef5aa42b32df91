"""Batches queries to the store: those that arrive while the thread is busy are answered together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class QueryBatcher(Generic[Question, Answer]):
    """Passes all waiting queries to ``answer`` in a thread of ``executor``, and returns each its own answer.

    A query that finds the thread idle is asked at once. An exception among the answers is raised for its
    query; one that ``answer`` raises, for every query of the batch.
    """

    def __init__(
        self,
        executor: Executor,
        answer: Callable[[Sequence[Question]], Sequence[Answer | Exception]],
        most: int = 64,
    ) -> None:
        self._executor = executor
        self._answer = answer
        self._most = most
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """Return the answer to a query."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
        return await answered

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                questions = [question for question, _ in asked]
                answers: Sequence[Answer | Exception]
                try:
                    answers = await loop.run_in_executor(self._executor, self._answer, questions)
                except Exception as error:
                    answers = [error] * len(asked)
                for (_, answered), answer in zip(asked, answers, strict=True):
                    if answered.done():  # cancelled meanwhile
                        continue
                    if isinstance(answer, Exception):
                        answered.set_exception(answer)
                    else:
                        answered.set_result(answer)
        finally:
            self._asking = None
