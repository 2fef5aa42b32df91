"""Finds all contacts in a raw text and resolves overlaps."""

from collections.abc import Sequence

from inference.contacts import accounts, handles, links, phones
from inference.contacts.seen import Seen
from inference.licences import find_numbers
from inference.text.surface import OccupiedCharacters, Surface
from labels.schema import Contact, LicenceCheck


def find_contacts(text: str, licences: Sequence[LicenceCheck] | None = None) -> list[Contact]:
    """Every contact in the raw ``text``, sorted and without overlaps.

    ``text[start:end]`` is the contact as written, without its keyword; ``value`` is normalized, so all
    spellings give the same one. ``licences`` are the numbers already found in the text (these are never
    contacts); without them they are found here. Runs in time linear in the text's length.
    """
    surface = Surface(text)
    taken = OccupiedCharacters(len(surface.text))
    for licence in find_numbers(text) if licences is None else licences:
        taken.take(*surface.cover(licence.start, licence.end))
    found: list[Seen] = []
    for read in (
        links.emails,
        links.urls,
        accounts.promptpay,
        phones.whatsapp,
        handles.line_ids,
        handles.network_names,
        accounts.bank_accounts,
        phones.phones,
    ):
        found += [seen for seen in read(surface.text) if taken.take(seen.start, seen.end)]
    contacts = []
    for seen in sorted(found):
        start, end = surface.span(seen.start, seen.end)
        contacts.append(Contact(start=start, end=end, kind=seen.kind, value=seen.value))
    return contacts
