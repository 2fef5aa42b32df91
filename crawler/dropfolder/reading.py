"""Reads a dropped file into listings, each with the exchange that it rests on."""

import errno
import io
import json
import mimetypes
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crawler.dropfolder.archive import MAX_BODY, read_archive
from crawler.dropfolder.feed import decode_feed, read_feed
from crawler.dropfolder.page import NothingToRead, listing_of_page
from crawler.evidence.writer import Exchange
from crawler.pages.plain_text import tidy
from crawler.records.columns import field_of, unlike_names
from crawler.records.rows import (
    NotARow,
    check_columns,
    holds_text,
    listing_from_row,
    row_id,
    shared_addresses,
)
from labels.csv_rows import MOST, CsvRows, text_lines
from labels.evidence.decoding import decode_text, is_garbled
from labels.schema import Listing
from labels.workbook_rows import BadWorkbook, workbook_rows

MAX_BYTES = 64_000_000
MAX_ROWS = 500_000
_BINARY: Mapping[bytes, str] = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "compressed with gzip",
}
"""First bytes of other kinds of files."""
_LISTS = ("products", "data", "items")
"""Names under which shops' systems put a list of products."""
LINK = "a symbolic link, which may lead out of the folder: put the file itself there"


class Unreadable(ValueError):
    """A file that cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True)
class Found:
    """A listing of a file, or an error at one place in it."""

    listing: Listing | None
    exchange: Exchange
    place: str = ""
    problem: str = ""


def read_file(path: Path, origin: str, received: datetime | None = None) -> Iterator[Found]:
    """Yield a file's listings by its type; ``received`` dates the evidence, now by default.

    Raises :class:`Unreadable` and ``OSError``.
    """
    reader = _reader(path)
    file = _own_file(path, received or datetime.now(UTC))
    body = file.body
    if not body.strip():
        raise Unreadable("empty: save or export it again")
    if reader in _OF_TEXT and (kind := next((_BINARY[x] for x in _BINARY if body.startswith(x)), "")):
        raise Unreadable(f"it is {kind}, not what its name says: export it again, or correct the name")
    for found in reader(file, origin):
        if found.listing is not None and len(found.listing.text) > MOST:
            yield replace(found, listing=None, problem=f"longer than {MOST:,} characters: shorten it")
        else:
            yield found


def _own_file(path: Path, received: datetime) -> Exchange:
    """Return the file itself as evidence; following a link would admit files outside the folder."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Unreadable(LINK) from error
        raise
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable("not a regular file")
        if found.st_size > MAX_BYTES:
            raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB: split it into smaller files")
        body = file.read(MAX_BYTES + 1)
    fields = []
    with suppress(OverflowError, ValueError):  # a year that does not exist
        # Whoever hands in a file can set this time, so it dates nothing.
        fields.append(("Ruthan-File-Modified", datetime.fromtimestamp(found.st_mtime, UTC).isoformat()))
    return Exchange(
        f"file:///{quote(os.fsencode(path.name))}",
        200,
        body,
        received,
        response_headers=[("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")],
        is_file=True,
        fields=fields,
    )


def _reader(path: Path) -> Callable[[Exchange, str], Iterator[Found]]:
    name = path.name.lower()
    for endings, reader in _READERS.items():
        if name.endswith(endings):
            return reader
    known = ", ".join(x for endings in _READERS for x in endings)
    raise Unreadable(f"a kind of file that is not known; known are {known}")


def _decoded(body: bytes, decode: Callable[[bytes], str] = decode_text) -> str:
    """Return the text of a file."""
    text = decode(body)
    if is_garbled(text):
        raise Unreadable("its encoding is not known: save it as UTF-8")
    return text


Rows = Iterator[tuple[str, Mapping[str, Any] | str]]
"""The rows of a file with their places; text instead of a row is its problem."""


def _rows(rows: Callable[[], Rows], exchange: Exchange, origin: str) -> Iterator[Found]:
    """Yield the listings of rows, which are read twice: the first time for the addresses that they share."""
    shared = shared_addresses(islice(_readable(rows()), MAX_ROWS))
    for count, (place, row) in enumerate(rows()):
        if count >= MAX_ROWS:
            raise Unreadable(f"more than {MAX_ROWS:,} rows: split it into smaller files")
        try:
            if isinstance(row, str):
                raise NotARow(row)
            yield Found(listing_from_row(row, origin, shared), exchange, place)
        except ValueError as error:
            yield Found(None, exchange, place, str(error).splitlines()[0])


def _readable(rows: Rows) -> Iterator[Mapping[str, Any] | str]:
    """Yield rows as far as they can be read; the problem is reported when they are read again."""
    with suppress(Unreadable):
        yield from (row for _, row in rows)


def _csv(file: Exchange, origin: str) -> Iterator[Found]:
    text = _decoded(file.body)
    yield from _rows(lambda: _csv_rows(text), file, origin)


def _csv_rows(text: str) -> Rows:
    first = text.split("\n", 1)[0]
    delimiter = max("\t;|,", key=first.count)
    rows = CsvRows(text_lines(io.StringIO(text, newline="")), delimiter)
    header = next(rows, None)
    if header is None or header.problem:
        raise Unreadable(f"not a readable table: line 1: {header.problem if header else 'it is blank'}")
    try:
        check_columns(header.cells)
    except NotARow as error:
        raise Unreadable(str(error)) from error
    rows.width = len(header.cells)
    names = unlike_names(header.cells)
    row = next(rows, None)
    while row is not None:
        following = next(rows, None)
        problem = row.problem
        if not problem and following is None and _is_cut(text, len(row.cells) < len(names)):
            problem = f"the file ends inside this row: send it again, or add {delimiter!r} for empty cells"
        yield f"line {row.first}", problem or _cells(names, row.cells)
        row = following


def _is_cut(text: str, lacks_cells: bool) -> bool:
    """Whether a table was cut inside its last row, which then lacks cells or ends inside a letter."""
    return not text.rstrip(" ").endswith(("\n", "\r")) and (lacks_cells or text.endswith("\ufffd"))


def _cells(header: list[str], cells: list[str]) -> dict[str, str] | str:
    if any(cell.strip() for cell in cells[len(header) :]):
        return f"has {len(cells)} cells under {len(header)} headings: put a text with the delimiter in quotes"
    return dict(zip(header, cells, strict=False))


def _xlsx(file: Exchange, origin: str) -> Iterator[Found]:
    yield from _rows(lambda: _xlsx_rows(file.body), file, origin)


def _xlsx_rows(body: bytes) -> Rows:
    has_table, refused = False, ""
    try:
        for _, rows in groupby(workbook_rows(body), key=attrgetter("sheet")):
            header = next(rows)
            try:
                if header.problem:
                    raise NotARow(header.problem)
                check_columns(header.cells)
            except NotARow as error:
                refused = refused or f"{header.where}: {error}"
                yield header.where, f"none of this sheet was read: {error}"
                continue
            has_table = True
            names = unlike_names(header.cells)
            for row in rows:
                yield row.where, row.problem or _cells(names, row.cells)
    except BadWorkbook as error:
        raise Unreadable(str(error)) from error
    if not has_table:
        raise Unreadable(refused or "the workbook has no rows")


def _json(file: Exchange, origin: str) -> Iterator[Found]:
    text = _decoded(file.body)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield from _rows(lambda: _json_lines(text), file, origin)
        return
    rows = _rows_in(document) if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise Unreadable("neither JSON Lines nor a JSON list of objects")
    named = [(f"entry {n}", x if isinstance(x, dict) else "not an object") for n, x in enumerate(rows, 1)]
    yield from _rows(lambda: iter(named), file, origin)


def _rows_in(document: dict[str, Any]) -> Any:
    """Return the objects of a graph, or of the only list of an answer of a shop's API."""
    if "@graph" in document:
        return document["@graph"]
    lists = [x for name in _LISTS if isinstance(x := document.get(name), list)]
    return lists[0] if len(lists) == 1 and _is_envelope(document, lists[0]) else [document]


def _is_envelope(document: dict[str, Any], rows: list[Any]) -> bool:
    """Whether an object with a list is no product itself: its text may be a message about the answer."""
    if not holds_text(document):
        return True
    own = {field_of(name) for name in document}
    return (
        bool(rows)
        and all(isinstance(row, dict) and holds_text(row) for row in rows)
        and own.isdisjoint({"price", "url", "id", "sku", "gtin"})
        and not own >= {"title", "description"}
    )


def _json_lines(text: str) -> Rows:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield f"line {number}", row if isinstance(row, dict) else "not an object"
        except ValueError as error:
            yield f"line {number}", f"not JSON: {error}"
        except RecursionError:
            yield f"line {number}", "not JSON of a listing: nested too deeply"


def _feed(file: Exchange, origin: str) -> Iterator[Found]:
    items = read_feed(_decoded(file.body, decode_feed))
    if not items:
        raise Unreadable("not a feed: no item, entry or product in it")
    yield from _rows(lambda: iter(items), file, origin)


def _html(file: Exchange, origin: str) -> Iterator[Found]:
    yield Found(_page(file.body, None, origin), file)


def _page(body: bytes, url: str | None, origin: str) -> Listing:
    if len(body) > MAX_BODY:
        raise Unreadable(f"the page is larger than {MAX_BODY // 1_000_000} MB: save it without its pictures")
    try:
        return listing_of_page(body, url, origin=origin)
    except NothingToRead as error:
        raise Unreadable(str(error)) from error


def _mhtml(file: Exchange, origin: str) -> Iterator[Found]:
    try:
        message = message_from_bytes(file.body, policy=policy.default)
    except RecursionError as error:
        raise Unreadable("its parts are nested too deeply: save the page again") from error
    part = next((x for x in message.walk() if x.get_content_type() == "text/html"), None)
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes):
        raise Unreadable("a saved page without an HTML part: save it again")
    if any(isinstance(x, CloseBoundaryNotFoundDefect) for x in message.defects):
        raise Unreadable("the file ends inside the page: save it again")
    place = str(part.get("Content-Location") or message.get("Snapshot-Content-Location") or "")
    url = place if place.startswith(("http://", "https://")) else None
    yield Found(_page(payload, url, origin), file)


def _text(file: Exchange, origin: str) -> Iterator[Found]:
    text = tidy(_decoded(file.body))
    if not text:
        raise Unreadable("it holds no text")
    listing = Listing(id=row_id(origin, text), description=text, extra={"origin": origin, "markup": "text"})
    yield Found(listing, file)


def _warc(file: Exchange, origin: str) -> Iterator[Found]:
    pages, damage = 0, ""
    try:
        for page in read_archive(file):
            pages += page.exchange is not None
            if page.exchange is None or page.problem:
                damage = damage or page.problem
                yield Found(None, page.exchange or file, page.place, page.problem)
                continue
            try:
                listing = listing_of_page(page.content, page.exchange.url, origin=origin, anyway=False)
                yield Found(listing, page.exchange, page.place)
            except NothingToRead as error:
                yield Found(None, page.exchange, page.place, str(error))
    except ValueError as error:
        raise Unreadable(f"not a readable WARC file after {pages} pages: {error}") from error
    if not pages:
        raise Unreadable(f"not a readable WARC file: {damage}" if damage else "it holds no HTML page")


_READERS: Mapping[tuple[str, ...], Callable[[Exchange, str], Iterator[Found]]] = {
    (".csv", ".tsv"): _csv,
    (".xlsx",): _xlsx,
    (".jsonl", ".ndjson", ".json"): _json,
    (".warc.gz", ".warc"): _warc,
    (".xml",): _feed,
    (".html", ".htm"): _html,
    (".mhtml", ".mht"): _mhtml,
    (".txt",): _text,
}
_OF_TEXT = {_csv, _json, _feed, _html, _mhtml, _text}
