"""Files and reads appeals."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from service.store.appeals.answering import answer_id, is_unanswered, open_appeal
from service.store.appeals.tables import Appeal, Appellant
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.decisions import TAKES_DOWN, is_told
from service.store.database.cursors import PROBLEM, pack, unpack
from service.store.database.errors import BadCursor, StoreError
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.database.row_ids import MAX_ROW_ID
from service.store.index.entries import refresh
from service.store.index.pages import Page
from service.store.tables.api_tables import ApiKey
from service.store.tables.core_tables import Listing, Review
from service.store.tenants.read_scope import ReadScope

_ANSWER = aliased(Review)


class NotContestable(StrEnum):
    """A listing has no decision that can be contested."""

    NOTHING_AGAINST_IT = "no decision against this listing that you were notified of is in force"
    ANSWERED = "this decision answered an appeal, or an appeal against it was answered: it is final here"


class AppealRefused(StoreError, ValueError):
    """An appeal that cannot be filed."""

    def __init__(self, why: NotContestable) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class FiledAppeal:
    """An appeal with its listing and the review that answers it, if any."""

    appeal: Appeal
    listing: Listing
    answer: Review | None
    is_new: bool = False


class AppealRepository(Repository):
    """Repository of appeals."""

    def file(
        self, listing_id: int, key: ApiKey, appellant: Appellant, reason: str, evidence: str = ""
    ) -> FiledAppeal | None:
        """Contest the decision against a listing of the key's tenant; ``None`` if it has no such listing.

        Reopens the case for a different reviewer. If an appeal is already open, it is returned instead of
        filing a second one.  Raises :class:`AppealRefused`.
        """
        with self.database.writing() as session:
            take_turn(session)
            own = ReadScope(key.tenant_id).covers(session, Listing.source)
            listing = session.scalars(select(Listing).where(Listing.id == listing_id, own)).first()
            if listing is None:
                return None
            if (waiting := open_appeal(session, listing_id)) is not None:
                return FiledAppeal(waiting, listing, None)
            contested = _standing(session, listing_id)
            if contested is None:
                raise AppealRefused(NotContestable.NOTHING_AGAINST_IT)
            final = select(Appeal.id).where(Appeal.listing_id == listing_id, answer_id() == contested.id)
            if session.scalars(final.limit(1)).first() is not None:
                raise AppealRefused(NotContestable.ANSWERED)
            row = Appeal(
                listing_id=listing_id,
                review_id=contested.id,
                appellant=appellant.value,
                reason=storable(reason),
                evidence=storable(evidence),
                filed_by=audit_names.key(key.name),
            )
            session.add(row)
            session.flush()
            refresh(session, listing)
            detail = {"appeal": row.id, "review": contested.id, "appellant": row.appellant}
            append(session, row.filed_by, AuditAction.APPEAL_FILE, audit_names.listing(listing_id), detail)
            return FiledAppeal(row, listing, None, is_new=True)

    def get(self, appeal_id: int, tenant_id: int) -> FiledAppeal | None:
        """Return the appeal with this number about a listing of the tenant, or ``None``."""
        found = self._found(tenant_id, Appeal.id == appeal_id, limit=1)
        return found[0] if found else None

    def page(self, tenant_id: int, cursor: str | None = None, limit: int = 50) -> Page[FiledAppeal]:
        """Return a page of the appeals about a tenant's listings, newest first.

        Raises :class:`~service.store.database.errors.BadCursor`.
        """
        wanted = []
        if cursor:
            (after,) = unpack(cursor, 1)
            if type(after) is not int or not 0 <= after <= MAX_ROW_ID:
                raise BadCursor(PROBLEM)
            wanted.append(Appeal.id < after)
        rows = self._found(tenant_id, *wanted, limit=limit + 1)
        return Page(rows[:limit], pack(rows[limit - 1].appeal.id) if len(rows) > limit else None)

    def contested(self, listing_ids: Collection[int]) -> set[int]:
        """Return which of these listings have an open appeal."""
        query = select(Appeal.listing_id).where(Appeal.listing_id.in_(listing_ids), is_unanswered())
        with self.database.reading() as session:
            return set(session.scalars(query))

    def of_listing(self, listing_id: int) -> list[FiledAppeal]:
        """Return the appeals about a listing, newest first."""
        return self._found(None, Appeal.listing_id == listing_id, limit=50)

    def _found(self, tenant_id: int | None, *wanted: object, limit: int) -> list[FiledAppeal]:
        query = (
            select(Appeal, Listing, _ANSWER)
            .join(Listing, Listing.id == Appeal.listing_id)
            .outerjoin(_ANSWER, _ANSWER.id == answer_id())
            .where(*wanted)  # type: ignore[arg-type]
            .order_by(Appeal.id.desc())
            .limit(limit)
        )
        with self.database.reading() as session:
            if tenant_id is not None:
                query = query.where(ReadScope(tenant_id).covers(session, Listing.source))
            return [
                FiledAppeal(appeal, listing, review) for appeal, listing, review in session.execute(query)
            ]


def _standing(session: Session, listing_id: int) -> Review | None:
    """Return the last decision of which the platform was notified, if it is against the listing."""
    query = (
        select(Review)
        .where(Review.listing_id == listing_id, is_told(Review))
        .order_by(Review.id.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    return found if found is not None and found.decision in TAKES_DOWN else None
