"""Log formats: text for people, JSON for programs.

No line carries a listing's text.  An exception's message may quote one, so it is logged at the level
``debug`` only; its type and traceback are always logged.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the current request; empty outside of one."""

FIELDS = "fields"
"""Key of a record's ``extra`` fields, ``{"status": 200}``."""


class TextFormatter(logging.Formatter):
    """``TIME LEVEL LOGGER [REQUEST ID]: MESSAGE``, in UTC."""

    def __init__(self, with_messages: bool = False) -> None:
        super().__init__()
        self.with_messages = with_messages

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as a line of text, followed by its exception's traceback."""
        identity = request_id.get()
        where = f"{record.name} [{identity}]" if identity else record.name
        line = f"{_time(record)} {record.levelname} {where}: {_one_line(record.getMessage())}"
        return "\n".join([line, *_fault(record, self.with_messages)])


class JsonFormatter(logging.Formatter):
    """A JSON object per line: ``time``, ``level``, ``logger``, ``message``, ``request_id`` and the extras."""

    def __init__(self, with_messages: bool = False) -> None:
        super().__init__()
        self.with_messages = with_messages

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as a line of JSON."""
        content = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := request_id.get():
            content["request_id"] = identity
        content |= getattr(record, FIELDS, {})
        if fault := _fault(record, self.with_messages):
            content["fault"] = "\n".join(fault)
        return json.dumps(content, ensure_ascii=False, default=str)


def start_logging(level: str, form: str = "text") -> None:
    """Log to standard error from ``level`` on, as ``text`` or ``json``."""
    kind = JsonFormatter if form == "json" else TextFormatter
    handler = logging.StreamHandler()
    handler.setFormatter(kind(with_messages=level == "debug"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _one_line(message: str) -> str:
    return message.replace("\r", "\\r").replace("\n", "\\n")


def _fault(record: logging.LogRecord, with_messages: bool) -> list[str]:
    if not record.exc_info or record.exc_info[1] is None:
        return []
    return _told(record.exc_info[1], with_messages)


def _told(error: BaseException, with_messages: bool) -> list[str]:
    """Format the type of an exception and of its causes, each with its traceback."""
    chain = [error]
    while (behind := chain[-1].__cause__ or chain[-1].__context__) and behind not in chain:
        chain.append(behind)
    lines = []
    for link in reversed(chain):
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines.append(type(link).__qualname__ + (f": {link}" if with_messages else ""))
    return lines
