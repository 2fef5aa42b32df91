"""The office that handles complaints, as complainants are told of it."""

from fastapi import Request

from service.console.core.public_pages import alert_desk
from service.console.web import Console
from service.referral.letters.templates import Office, TemplateUnusable

_OFFICERS = Office(name="เจ้าหน้าที่")
"""What complainants read if the file with the office's name cannot be used."""
STATUS = "/complain/status"


def office_of(request: Request) -> Office:
    """Return the office of ``office.toml``."""
    try:
        return alert_desk(request).templates.office
    except TemplateUnusable:
        return _OFFICERS


def status_address(part: Console) -> str:
    """Return where complainants follow a complaint; empty if the page is closed or its address not known."""
    # The address of the alerts may lead to them alone.
    address = part.public_address
    return f"{address}{STATUS}" if address and "/complain" in part.public_pages else ""
