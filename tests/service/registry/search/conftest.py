"""A search service on loopback, as slow and as odd as the real one is reported to be, scaled down."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

Reply = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


@dataclass
class OddServer:
    """Returns ``replies`` in turn and repeats the last one; they may also be a function of the number."""

    RECORD: ClassVar[dict[str, str]] = {
        "Newcode": "10-1-15456-5-0001",
        "productha": "กาแฟดอยทดลอง",
        "produceng": "Doi Coffee",
        "licen": "บริษัท ทดลอง จำกัด",
        "cncnm": "คงอยู่",
        "expdate": "31/12/2572",
    }
    FIELDS: ClassVar = "Newcode=number,productha=product_name,produceng=product_name,licen=holder,cncnm=status,expdate=expires"

    ERROR_PAGE: ClassVar[Reply] = (
        200,
        HTML,
        "<html><body><h1>Server Error in '/' Application.</h1><p>ระบบขัดข้อง</p></body></html>".encode(),
    )
    EMPTY: ClassVar[Reply] = (200, JSON, b"")
    BUSY: ClassVar[Reply] = (503, HTML | {"Retry-After": "0"}, b"<html>busy</html>")

    replies: list[Reply] = field(default_factory=list)
    answer: Callable[[str], Reply] | None = None
    delay: float = 0.0
    """Seconds before an answer; the real service takes 7 to 92."""
    drip: float = 0.0
    """Seconds between the pieces of an answer."""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    url: str = ""

    @staticmethod
    def as_json(*records: dict[str, str], encoding: str = "utf-8") -> Reply:
        return 200, JSON, json.dumps({"data": list(records)}, ensure_ascii=False).encode(encoding)

    @staticmethod
    def as_html(*records: dict[str, str], encoding: str = "utf-8") -> Reply:
        head = "<tr><th>เลขสารบบ</th><th>ชื่อผลิตภัณฑ์</th><th>ผู้รับอนุญาต</th><th>สถานะ</th></tr>"
        rows = "".join(
            f"<tr><td>{r['Newcode']}</td><td> {r['productha']}\n</td><td>{r['licen']}</td><td><b>{r['cncnm']}</b></td></tr>"
            for r in records
        )
        page = f"<html><body><table><tr><td>เมนู</td></tr></table><table>{head}{rows}</table></body></html>"
        # The header declares another encoding than the bytes are in.
        return 200, {"Content-Type": "text/html; charset=iso-8859-1"}, page.encode(encoding)

    def reply(self, number: str) -> Reply:
        if self.answer is not None:
            return self.answer(number)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def server() -> Iterator[OddServer]:
    """One that runs until the end of the test."""
    odd = OddServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = parse_qs(urlsplit(self.path).query)["q"][0]
            with lock:
                odd.at_once += 1
                odd.most_at_once = max(odd.most_at_once, odd.at_once)
                odd.asked.append(number)
                odd.agents.add(self.headers["User-Agent"])
                status, headers, body = odd.reply(number)
            try:
                time.sleep(odd.delay)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if odd.drip:
                    for at in range(0, len(body), 20):
                        self.wfile.write(body[at : at + 20])
                        self.wfile.flush()
                        time.sleep(odd.drip)
                else:
                    self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client lost its patience
            finally:
                with lock:
                    odd.at_once -= 1

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    odd.url = f"http://127.0.0.1:{server.server_address[1]}/search?q={{number}}"
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
