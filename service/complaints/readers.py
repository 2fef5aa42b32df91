"""What officers read of a complaint's texts."""

from service.store.accounts.policy import sees_complainants
from service.store.complaints.ties import blacked, blacked_address
from service.store.tables.complaint_tables import Complaint


def text_for(role: str, complaint: Complaint, text: str) -> str:
    """A text of a complaint or its history; the complainant is masked for roles that may not see them."""
    return text if sees_complainants(role) else blacked(text, (complaint.contact_name, complaint.contact))


def address_for(role: str, complaint: Complaint) -> str:
    """A complaint's address; the complainant is masked for roles that may not see them."""
    words = (complaint.contact_name, complaint.contact)
    return complaint.url if sees_complainants(role) else blacked_address(complaint.url, words)
