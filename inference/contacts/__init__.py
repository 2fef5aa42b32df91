"""Contacts and payment accounts of the seller in the raw text of a listing.

Public: :func:`find_contacts`.
"""

from inference.contacts.reader import find_contacts

__all__ = ["find_contacts"]
