"""The queue's active filters as chips, each a link to the queue without that filter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labels.taxonomy import ClaimLabel, Platform, ProductClass, class_term, label_term, platform_term
from service.console.core import links, terms
from service.console.core.thai_time import day_for_form
from service.store.index.finding import Assigned, QueueFilter

_TABS = ("state", "verdict", "q")
"""Filters that the page shows elsewhere."""


@dataclass(frozen=True)
class Chip:
    """An active filter: its name, its value, and the query without it."""

    thai: str
    value: str
    query: str


def chips_of(wanted: QueueFilter, people: Mapping[int, str]) -> list[Chip]:
    """Return chips for the filters that neither a tab nor the search field shows."""
    chips = []
    for name, value in links.fields_of(wanted).items():
        if name in _TABS or name == "sort":
            continue
        wider = links.query_of(links.without(wanted, name)) or f"?view={links.ALL_VIEW}"
        chips.append(Chip(terms.FILTERS[name], _words(name, value, people), wider))
    return chips


def _words(name: str, value: str, people: Mapping[int, str]) -> str:
    words: dict[str, Callable[[str], str]] = {
        "class": lambda value: class_term(ProductClass(value)).thai,
        "label": lambda value: label_term(ClaimLabel(value)).thai,
        "platform": lambda value: platform_term(Platform(value)).thai,
        "licence": lambda value: {str(key): words for key, words in terms.LICENCE_FILTERS.items()}[value],
        "assigned": lambda value: terms.ASSIGNED[Assigned(value)],
        "appeal": lambda _: "รอพิจารณา",
        "outcome": lambda value: terms.decision_term(value).thai,
        "decider": lambda value: people.get(int(value), f"บัญชี {value}"),
        "decided-from": day_for_form,
        "decided-to": day_for_form,
        "from": day_for_form,
        "to": day_for_form,
    }
    return words.get(name, str)(value)
