"""Full-text search with one interface: FTS5 on SQLite, ``tsvector`` with a GIN index on PostgreSQL.

The store holds lexemes and is language-agnostic: ``service.text.search_words`` tokenizes texts and queries.
Every lexeme is quoted, so no query can be malformed. ``listing.indexed_by`` is the tokenizer version that a
listing was indexed with; triggers clear it, and delete the index entry, when a text, seller or address
changes (migration 0007).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from service.store.database.engine import Database
from service.store.database.repository import Repository
from service.store.tables.core_tables import Listing

TABLE = "listing_search"
"""Also the prefix of the shadow tables that FTS5 creates."""
MAX_PARTS = 16_000
"""Maximum number of ordered lexemes per listing; PostgreSQL stores positions up to 16,383."""
MAX_BYTES = 400_000
"""Maximum UTF-8 bytes of one listing's lexemes, ordered and additional; a ``tsvector`` holds 1 MiB."""
FEW = 2_000
"""Up to this many hits, the hits are sorted; beyond, the order is walked and each row is tested."""
DENSE = 16
"""One hit per this many listings is dense: testing row by row soon fills a page."""


@dataclass(frozen=True)
class Lexemes:
    """Lexemes of a text for the index: ``parts`` in order, and additional ``words``."""

    parts: tuple[str, ...]
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Clause:
    """One condition of a query: every one of ``words``, and ``phrase`` as consecutive lexemes."""

    words: tuple[str, ...] = ()
    phrase: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchQuery:
    """A query: all of ``wanted`` and none of ``unwanted``.

    ``text`` is the user's input. A text without any clause (punctuation only) finds nothing.
    """

    text: str = ""
    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Clause, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def is_empty(self) -> bool:
        """Whether it contains nothing to search for."""
        return not (self.wanted or self.unwanted)


NO_SEARCH = SearchQuery()

# The planner underestimates the cost of reading a tsvector and would rather scan all than use GIN.
_ASK_GIN = text("SET LOCAL enable_seqscan = off")


@dataclass(frozen=True)
class Unindexed:
    """A listing to be indexed, as it was read."""

    listing_id: int
    title: str | None
    description: str
    seller: str | None
    url: str | None


_POSTGRES = Table(
    TABLE, MetaData(), Column("listing_id", Integer, primary_key=True), Column("terms", TSVECTOR)
)
# Has its own metadata: on SQLite the table is virtual, and migration tools cannot compare it.
_FTS5 = Table(TABLE, MetaData(), Column("rowid", Integer), Column("parts", Text), Column("words", Text))


class SearchRepository(Repository):
    """Repository of the full-text index."""

    def unindexed(self, version: str, limit: int = 100) -> list[Unindexed]:
        """Listings not indexed by this version, never indexed ones first, by number."""
        columns = (Listing.id, Listing.title, Listing.description, Listing.seller, Listing.url)
        found: list[Unindexed] = []
        with self.database.reading() as session:
            for lacks in _lacks(version):
                query = select(*columns).where(lacks).order_by(Listing.indexed_by, Listing.id)
                found += [Unindexed(*row) for row in session.execute(query.limit(limit - len(found)))]
                if len(found) >= limit:
                    break
        return found

    def waiting(self, version: str, limit: int | None = None) -> int:
        """The number of listings that :meth:`unindexed` would find, counted up to ``limit``."""
        with self.database.reading() as session:
            number = 0
            for lacks in _lacks(version):
                found = select(Listing.id).where(lacks).limit(limit).subquery()
                number += session.scalar(select(func.count()).select_from(found)) or 0
            return number if limit is None else min(number, limit)

    def put(self, version: str, batch: Iterable[tuple[Unindexed, Lexemes]]) -> int:
        """Index a batch in one transaction; returns how many were indexed.

        A listing that changed since it was read is left for the next run.
        """
        done = 0
        with self.database.writing() as session:
            for item, lexemes in batch:
                if _claim(session, item, version):
                    write(session, item.listing_id, lexemes, self.database.is_sqlite)
                    done += 1
        return done

    def forget_all(self) -> int:
        """Mark every listing as not indexed, to rebuild the index; returns how many."""
        with self.database.writing() as session:
            marked = session.scalar(select(func.count()).where(Listing.indexed_by.is_not(None))) or 0
            session.execute(update(Listing).where(Listing.indexed_by.is_not(None)).values(indexed_by=None))
            return marked


def write(session: Session, listing_id: int, lexemes: Lexemes, is_sqlite: bool) -> None:
    """Write one listing's lexemes to the index, replacing earlier ones."""
    parts = _bounded(lexemes.parts[:MAX_PARTS])
    words = _bounded(sorted(lexemes.words - set(parts)))
    if is_sqlite:
        session.execute(
            text("INSERT OR REPLACE INTO listing_search (rowid, parts, words) VALUES (:id, :parts, :words)"),
            {"id": listing_id, "parts": " ".join(parts), "words": " ".join(words)},
        )
        return
    session.execute(
        text(
            "INSERT INTO listing_search (listing_id, terms) VALUES (:id, CAST(:terms AS tsvector))"
            " ON CONFLICT (listing_id) DO UPDATE SET terms = EXCLUDED.terms"
        ),
        {"id": listing_id, "terms": tsvector(parts, words)},
    )


def drop_deleted(database: Database) -> None:
    """Remove the words of deleted rows from SQLite's index, unless it does so itself.

    FTS5 leaves them in its segments until these are merged. Since SQLite 3.42 it can remove them at once,
    which migration 0052 asks for.
    """
    by_itself = text("SELECT v FROM listing_search_config WHERE k = 'secure-delete'")
    with database.reading() as session:
        if session.scalar(by_itself):
            return
    with database.writing() as session:
        session.execute(text("INSERT INTO listing_search (listing_search) VALUES ('optimize')"))


def tsvector(parts: Sequence[str], words: Iterable[str]) -> str:
    """The text form of a ``tsvector``: with positions for the parts, without for the words."""
    positions: dict[str, list[str]] = {}
    for index, part in enumerate(parts, 1):
        positions.setdefault(part, []).append(str(index))
    # PostgreSQL stores at most 256 positions per lexeme.
    placed = [f"{_quoted(part)}:{','.join(found[:256])}" for part, found in positions.items()]
    return " ".join(placed + [_quoted(word) for word in words])


def fts5_query(clauses: Iterable[Clause], joined_by: str = " AND ") -> str:
    """An FTS5 query; every string in it is quoted."""
    return joined_by.join(f"({_fts5_clause(clause)})" for clause in clauses)


def ts_query(clauses: Iterable[Clause], joined_by: str = " & ") -> str:
    """The text form of a ``tsquery``; every lexeme in it is quoted."""
    return joined_by.join(f"({_ts_clause(clause)})" for clause in clauses)


def hits(query: SearchQuery, is_sqlite: bool) -> Select[Any]:
    """The numbers of the listings that match everything wanted, which must not be empty."""
    return _hits(query.wanted, " AND " if is_sqlite else " & ", is_sqlite)


def conditions(
    session: Session, query: SearchQuery, listing_id: ColumnElement[int], is_sqlite: bool, paged: bool = True
) -> list[ColumnElement[bool]]:
    """Conditions on ``listing_id`` to match the query; none for an empty query.

    Few hits are fetched here and listed one by one, which makes sorting cheap. With many, the caller's order
    is walked and each row is tested until the page is full; ``paged`` is whether the caller reads a single
    page.
    """
    if not query:
        return []
    if query.is_empty:
        return [literal_column("1") == literal_column("0")]
    if not is_sqlite:
        session.execute(_ASK_GIN)
    found: list[ColumnElement[bool]] = []
    row_by_row = False
    if query.wanted:
        few = first_hits(session, query, is_sqlite)
        # If every sixteenth listing is a hit, a page is full before all hits could be collected.
        row_by_row = paged and not is_sqlite and len(few) > FEW and max(few) < DENSE * FEW
        if len(few) <= FEW:
            found.append(listing_id.in_(few))
        elif row_by_row:
            found.append(_matches(listing_id, query.wanted, " & "))
        else:
            found.append(_one_of(listing_id, hits(query, is_sqlite), is_sqlite))
    if query.unwanted:
        barred = _hits(query.unwanted, " OR " if is_sqlite else " | ", is_sqlite)
        if row_by_row:
            found.append(~_matches(listing_id, query.unwanted, " | "))
        else:
            found.append(~_one_of(listing_id, barred, is_sqlite))
    return found


def _matches(
    listing_id: ColumnElement[int], clauses: Sequence[Clause], joined_by: str
) -> ColumnElement[bool]:
    """Whether this one listing matches, tested without the index (PostgreSQL)."""
    matches = _POSTGRES.c.terms.op("@@", is_comparison=True)(_as_tsquery(clauses, joined_by))
    return select(matches).where(_POSTGRES.c.listing_id == listing_id).scalar_subquery().is_(true())


def first_hits(session: Session, query: SearchQuery, is_sqlite: bool) -> list[int]:
    """The numbers of some hits; one more than :data:`FEW` if there are more."""
    if not is_sqlite:
        session.execute(_ASK_GIN)
    return list(session.scalars(hits(query, is_sqlite).limit(FEW + 1)))


def _one_of(listing_id: ColumnElement[int], numbers: Select[Any], is_sqlite: bool) -> ColumnElement[bool]:
    """A membership test on hits collected once; neither database may turn it into a join."""
    if is_sqlite:
        # The unary plus makes SQLite walk the order and test each row instead of looking up each hit.
        return literal_column("+queue_entry.listing_id", Integer()).in_(numbers)
    return listing_id.in_(numbers).is_(true())


def _hits(clauses: Collection[Clause], joined_by: str, is_sqlite: bool) -> Select[Any]:
    if is_sqlite:
        matched = text(f"{TABLE} MATCH :matched").bindparams(
            BindParameter("matched", fts5_query(clauses, joined_by), unique=True)
        )
        return select(_FTS5.c.rowid).where(matched)
    wanted = _as_tsquery(clauses, joined_by)
    return select(_POSTGRES.c.listing_id).where(_POSTGRES.c.terms.op("@@", is_comparison=True)(wanted))


def _as_tsquery(clauses: Collection[Clause], joined_by: str) -> ColumnElement[Any]:
    return cast(literal(ts_query(clauses, joined_by), Text), TSQUERY)


def _lacks(version: str) -> tuple[ColumnElement[bool], ...]:
    # Three separate queries: an index answers each of them, but not "is different".
    return Listing.indexed_by.is_(None), Listing.indexed_by < version, Listing.indexed_by > version


def _claim(session: Session, item: Unindexed, version: str) -> bool:
    """Mark the listing as indexed if it is unchanged since it was read, and lock its row."""
    same = (
        Listing.id == item.listing_id,
        Listing.title.is_not_distinct_from(item.title),
        Listing.description == item.description,
        Listing.seller.is_not_distinct_from(item.seller),
        Listing.url.is_not_distinct_from(item.url),
    )
    done = session.execute(update(Listing).where(*same).values(indexed_by=version))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _bounded(lexemes: Iterable[str]) -> list[str]:
    kept, size = [], 0
    for lexeme in lexemes:
        size += len(lexeme.encode()) + 4
        if size > MAX_BYTES:
            break
        kept.append(lexeme)
    return kept


def _fts5_clause(clause: Clause) -> str:
    demands = [_double_quoted((word,)) for word in clause.words]
    if clause.phrase:
        demands.append(f"parts : {_double_quoted(clause.phrase)}")
    return " AND ".join(demands)


def _ts_clause(clause: Clause) -> str:
    demands = [_quoted(word) for word in clause.words]
    if clause.phrase:
        demands.append(f"({' <-> '.join(_quoted(part) for part in clause.phrase)})")
    return " & ".join(demands)


def _double_quoted(words: Sequence[str]) -> str:
    return '"' + " ".join(word.replace('"', '""') for word in words) + '"'


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
