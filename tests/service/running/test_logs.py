import io
import json
import logging
from collections.abc import Iterator

import pytest

from service.running.logs import FIELDS, JsonFormatter, TextFormatter, request_id


@pytest.fixture
def identity() -> Iterator[str]:
    token = request_id.set("abc-1")
    yield "abc-1"
    request_id.reset(token)


def written(formatter: logging.Formatter, *args: object, **given: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.error(*args, **given)  # type: ignore[arg-type]
    return stream.getvalue()


def test_text(identity: str) -> None:
    line = written(TextFormatter(), "first\nsecond %d", 3)
    assert line.endswith(f"ERROR test [{identity}]: first\\nsecond 3\n")
    assert line.count("\n") == 1


def test_json(identity: str) -> None:
    line = written(JsonFormatter(), 'ภาษาไทย "%s"', "x\ny", extra={FIELDS: {"status": 200}})
    assert line.count("\n") == 1
    content = json.loads(line)
    assert content.pop("time").endswith("+00:00")
    assert content == {
        "level": "error",
        "logger": "test",
        "message": 'ภาษาไทย "x\ny"',
        "request_id": identity,
        "status": 200,
    }


def test_outside_of_a_request_there_is_no_id() -> None:
    assert "request_id" not in json.loads(written(JsonFormatter(), "x"))
    assert " ERROR test: x\n" in written(TextFormatter(), "x")


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_what_an_exception_quotes_is_written_at_debug_only(
    formatter: type[TextFormatter] | type[JsonFormatter],
) -> None:
    def fail() -> None:
        try:
            raise KeyError("คำลับ")
        except KeyError as error:
            raise ValueError("words of คำลับ") from error

    for with_messages in (False, True):
        try:
            fail()
        except ValueError:
            line = written(formatter(with_messages), "failed", exc_info=True)
        assert ("คำลับ" in line) is with_messages
        assert "ValueError" in line
        assert "KeyError" in line
        assert "test_logs.py" in line
        assert "in fail" in line
