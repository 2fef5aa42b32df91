"""The dashboard: figures of a period as charts and tables, each table also as CSV."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.links import day_of, not_days
from service.console.core.permissions import DASHBOARD, DASHBOARD_TABLE
from service.console.dashboard.duties import late_now
from service.console.dashboard.tables import headline, tables_of
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.console.widgets.figure_table import as_csv, midnight, shown
from service.dashboard.period import Period
from service.dashboard.summary import Summary, summary
from service.store import Store
from service.store.accounts.policy import leads
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.columns import now
from service.store.tables.core_tables import Reviewer
from service.text.thai_calendar import local_day

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SHORTCUTS = (7, 30, 90, 365)
"""Lengths in days of the linked periods that end today."""


@router.get(DASHBOARD)
def dashboard_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show the figures from ``from`` to ``to``, by default the last 30 days."""
    moment = now()
    period = period_of(request.query_params)
    typed = not_days(request.query_params, ("from", "to"))
    found = _summary(part.store, period, reviewer)
    today = local_day(moment)
    return part.page(
        request,
        "dashboard.html",
        reviewer=reviewer,
        period=period,
        not_days=typed,
        days={"from": str(period.first), "to": str(period.last)} | typed,
        first=midnight(period.first),
        last=midnight(period.last),
        headline=headline(found, moment),
        tables=tables_of(found),
        shown=shown,
        late=late_now(CaseVisibility.of(part.store, reviewer), moment),
        shortcuts=[(days, Period(today - timedelta(days=days - 1), today)) for days in SHORTCUTS],
    )


@router.get(DASHBOARD_TABLE)
def dashboard_table(request: Request, part: ConsolePart, reviewer: LoggedIn, name: str) -> Response:
    """Download one table of the same period as CSV."""
    period = period_of(request.query_params)
    table = next((t for t in tables_of(_summary(part.store, period, reviewer)) if t.name == name), None)
    if table is None:
        raise PageError(
            404,
            "ไม่พบตารางนี้ โปรดกลับไปที่หน้าภาพรวม",
            "This table does not exist: go back to the dashboard.",
            reviewer,
        )
    file = f"ruthan-{name}-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(as_csv(table), media_type="text/csv; charset=utf-8", headers=headers)


def period_of(query: Mapping[str, str]) -> Period:
    """Parse the period from a query string, in the Buddhist or the common era; invalid days are ignored."""
    first, last = day_of(query.get("from")), day_of(query.get("to"))
    return Period.of(local_day(first) if first else None, local_day(last) if last else None, now())


def _summary(store: Store, period: Period, reviewer: Reviewer) -> Summary:
    found = summary(store, period, now(), None if leads(reviewer.role) else reviewer.id)
    hidden = CaseVisibility.of(store, reviewer).hidden
    watched = [item for item in found.watched if item.listing_id not in hidden]
    # The table of re-listings names sellers.
    if named := [item.listing_id for item in watched if item.seller and item.relistings]:
        store.audit.record_view(
            audit_names.reviewer(reviewer.name), AuditAction.SELLER_VIEW, "", {"listings": named}
        )
    return replace(found, watched=watched)
