"""How a seller can be reached or paid, read from the raw text of a listing.

Public: :func:`find_contacts`.
"""

from inference.contacts.reader import find_contacts

__all__ = ["find_contacts"]
