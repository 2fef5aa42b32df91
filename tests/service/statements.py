"""Compiled SQL that the engines of all tests share."""

from typing import Any

from sqlalchemy import Dialect


class CompiledStatements(dict[Any, Any]):
    """A ``compiled_cache`` for engines of several databases: statements are the same for each of a kind.

    Every test has an engine of its own, and compiling its statements again takes a fifth of its time.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_any(key), compiled)


def _of_any(key: tuple[Any, ...]) -> tuple[Any, ...]:
    # SQLAlchemy's keys begin with the dialect, of which each engine has its own.
    dialect, *statement = key
    return (type(dialect) if isinstance(dialect, Dialect) else dialect, *statement)
