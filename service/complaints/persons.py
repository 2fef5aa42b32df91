"""Finds a person's contact in complaints."""

from collections.abc import Iterator

from sqlalchemy import select

from service.privacy.wanted import Wanted
from service.store import Store
from service.store.complaints.ties import words_of_history
from service.store.tables.complaint_tables import Complaint

_PAGE = 500
_HISTORY = "history"
_FIELDS = ("contact", "contact_name", "detail", "advertised", "title", "seller", "url")


def holding(store: Store, wanted: Wanted) -> Iterator[tuple[Complaint, list[str]]]:
    """Yield every complaint that contains the contact, with the fields where it stands.

    ``history`` is what was added, answered and noted later. Reads all complaints.
    """
    after = 0
    while True:
        query = select(Complaint).where(Complaint.id > after).order_by(Complaint.id).limit(_PAGE)
        with store.database.reading() as session:
            rows = list(session.scalars(query))
            later = words_of_history(session, [row.id for row in rows])
        with_history = {event.complaint_id for event in later if wanted.within(event.text)}
        for row in rows:
            after = row.id
            places = [name for name in _FIELDS if wanted.within(getattr(row, name))]
            if row.id in with_history:
                places.append(_HISTORY)
            if places:
                yield row, places
        if not rows:
            return
