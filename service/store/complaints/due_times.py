"""When complaints must be answered."""

from datetime import datetime, timedelta
from typing import Final

from service.store.tables.complaint_tables import Harm

ANSWER_WITHIN: Final = timedelta(days=15)
"""Complainants must be informed of the result within 15 days of receipt: regulation of the Office of the
Prime Minister on complaints, B.E. 2552. Not checked against the Royal Gazette (docs/console-operators.md)."""
HARM_WITHIN: Final = timedelta(days=1)
"""The office's own rule if somebody was harmed."""


def due_at(received_at: datetime, harm: Harm) -> datetime:
    """Return when a complaint received at this time must be answered."""
    return received_at + (ANSWER_WITHIN if harm is Harm.NONE else HARM_WITHIN)
