"""Batching of questions to the store: those that arrive while the thread is busy go together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Asks ``answer``, in a thread of ``executor``, all questions that wait, and gives each asker its own.

    Nobody waits for others to come: a question that finds the thread idle is asked at once.  An exception
    among the answers is raised where that question was asked; one that ``answer`` raises, wherever one of
    these was.
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
        """The answer to a question."""
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
                    if answered.done():  # given up meanwhile
                        continue
                    if isinstance(answer, Exception):
                        answered.set_exception(answer)
                    else:
                        answered.set_result(answer)
        finally:
            self._asking = None
