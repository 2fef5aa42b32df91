"""What the pages for everybody share: their frame, and the page that an address belongs to.

No session, no cookie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from jinja2 import Environment

from labels.taxonomy import ProductClass
from service.alerts import feeds
from service.alerts.wording import category_words
from service.referral.letters.templates import Templates, TemplateUnusable

ALERTS = "/alerts"
FEEDS = {"rss": f"{ALERTS}.rss", "atom": f"{ALERTS}.atom", "json": f"{ALERTS}.json"}


@dataclass(frozen=True)
class AlertDesk:
    """Dependencies of the pages of warnings beyond the console's; stored in ``app.state.alert_desk``."""

    templates: Templates
    """Templates with the name of the publishing office."""
    prefix: str
    address: str
    """Public base URL of this service; empty if not configured."""

    @property
    def office(self) -> str:
        """Return the name of the publishing office, or the feeds' title if its file is invalid."""
        try:
            return self.templates.office.name
        except TemplateUnusable:
            return feeds.TITLE


def alert_desk(request: Request) -> AlertDesk:
    """Return the desk of this application."""
    found: AlertDesk = request.app.state.alert_desk
    return found


AlertDeskPart = Annotated[AlertDesk, Depends(alert_desk)]


def page_at(pages: Sequence[str], path: str) -> str | None:
    """Return the public page that ``path`` is, or is below, or is a feed of; ``None`` for other paths."""
    return next((page for page in pages if path == page or path.startswith((f"{page}/", f"{page}."))), None)


def render_public(
    templates: Environment, pages: Sequence[str], template: str, desk: AlertDesk, /, **context: Any
) -> bytes:
    """Render a template of a public page; ``pages`` are those that link to each other."""
    words = {"office": desk.office, "name": feeds.TITLE, "description": feeds.DESCRIPTION, "feeds": FEEDS}
    words |= {"public_pages": pages, "path": ALERTS}
    helpers = {"path_of": feeds.path_of, "class_name": lambda value: category_words(ProductClass(value))}
    return templates.get_template(template).render(words | helpers | context).encode()
