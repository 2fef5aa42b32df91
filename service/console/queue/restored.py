"""Rows of the queue that were sent after the session had ended, to be chosen again."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import FormData

from service.console.core import links
from service.console.core.fields import field
from service.console.core.kept_forms import RESTORED
from service.console.queue.chosen import PLACES, SHOWN_CAMPAIGN, SHOWN_SINGLE

_ELSEWHERE = (
    " อีก {count} รายการที่เลือกไว้ไม่อยู่ในหน้านี้หรือเปลี่ยนไปแล้ว โปรดเลือกอีกครั้ง",
    " {count} more chosen rows are not on this page or have changed: choose them again.",
)
_LISTED = (
    " รายการที่เอาเครื่องหมายออกในหน้าตรวจรายการต้องเลือกใหม่",
    " In the list of a campaign, choose again which listings to leave out.",
)


@dataclass(frozen=True)
class Restored:
    """What a form on the queue chose.

    Attributes:
        rows: values of the chosen rows' fields, without those of the listings of listed campaigns.
        campaigns: values of the chosen campaigns' fields.
        listed: whether the form was the list of the campaigns' listings.
    """

    rows: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    note: str = ""
    insists: bool = False
    listed: bool = False

    def problem(self, rows: Iterable[str], campaigns: Iterable[str]) -> tuple[str, str]:
        """Return the message in Thai and English; the arguments are the values of the page's fields."""
        thai, english = RESTORED
        if self.listed:
            thai, english = thai + _LISTED[0], english + _LISTED[1]
        count = len(self.rows.difference(rows)) + len(self.campaigns.difference(campaigns))
        if not count:
            return thai, english
        return thai + _ELSEWHERE[0].format(count=count), english + _ELSEWHERE[1].format(count=count)


def restored_from(form: FormData) -> Restored:
    """Parse the form."""
    rows, listed = _values(form, "row"), _values(form, SHOWN_CAMPAIGN)
    return Restored(
        rows & _values(form, SHOWN_SINGLE) if listed else rows,
        _values(form, "campaign-row") | listed,
        field(form, "note"),
        bool(field(form, "insist")),
        bool(listed),
    )


def query_of(form: FormData) -> dict[str, str]:
    """Return the query of the page of the queue on which the form was."""
    return {name: value for name in (*links.FILTER_FIELDS, *PLACES) if (value := field(form, name))}


def _values(form: FormData, name: str) -> frozenset[str]:
    return frozenset(value for value in form.getlist(name) if isinstance(value, str))
