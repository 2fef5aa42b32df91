"""Reads and validates a plan; every error gives the line and the key."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crawler.plan.faults import message_of, place_of
from crawler.plan.terms import clean, read_terms, taxonomy_terms
from crawler.plan.watches import AnyWatch, Text
from crawler.plan.yaml_lines import YamlError, line_of, load
from crawler.site import clean_url
from labels.taxonomy import ClaimLabel


class PlanError(ValueError):
    """A plan that cannot be used; the message has one line per error."""


_UNFINISHED = re.compile(r"[^\s/@:]+\.(?:[a-z][a-z0-9-]+|ไทย)(?::\d|/.)", re.IGNORECASE)
"""An address without its scheme."""


def _check_stop(entry: str) -> str:
    """Validate an entry of the stop list: one that never matches is an error."""
    if ("://" in entry and clean_url(entry) is None) or _UNFINISHED.match(entry):
        rest = entry.partition("://")[2] if "://" in entry else entry
        raise ValueError(
            "is neither a host nor an address nor an account: write an address whole, such as "
            f"https://{rest or 'shop.example/blog'}"
        )
    return entry


class TermSources(BaseModel):
    """Sources of the plan's search terms."""

    model_config = ConfigDict(extra="forbid")

    words: list[Text] = []
    taxonomy: list[ClaimLabel] = Field(default=[], description="labels whose named phrases are searched for")
    files: list[Text] = Field(default=[], description="one term a line, relative to the plan")
    limit: int = Field(default=200, ge=1, le=5_000, description="terms at most, in the order above")


class Plan(BaseModel):
    """The sources to watch, and the stop list."""

    model_config = ConfigDict(extra="forbid")

    terms: TermSources = TermSources()
    stop: list[Annotated[Text, AfterValidator(_check_stop)]] = Field(
        default=[], description="hosts, beginnings of URLs, accounts: never fetched"
    )
    sources: list[AnyWatch] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "Plan":
        labels = [x.label for x in self.sources]
        doubles = sorted({x for x in labels if labels.count(x) > 1})
        if doubles:
            raise ValueError(f"two sources are called {', '.join(doubles)}: give each a name of its own")
        return self

    @property
    def enabled(self) -> list[AnyWatch]:
        """The sources that are not switched off."""
        return [x for x in self.sources if x.enabled]


def load_plan(path: Path) -> Plan:
    """Load a plan from YAML, with its terms expanded. Raises :class:`PlanError` and ``OSError``."""
    try:
        data, lines = load(path)
    except YamlError as error:
        raise PlanError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise PlanError(f"{path}: a plan is a mapping with at least `sources:`, see docs/crawler/plan.md")
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        raise PlanError("\n".join(_told(path, each, lines) for each in error.errors())) from error
    return _with_terms(plan, path, lines)


def _with_terms(plan: Plan, path: Path, lines: dict[Any, int]) -> Plan:
    named = plan.terms
    found = [*named.words, *taxonomy_terms(named.taxonomy)]
    for number, name in enumerate(named.files):
        try:
            found += read_terms(path.parent / name)
        except (OSError, ValueError) as error:
            line = line_of(("terms", "files", number), lines)
            raise PlanError(f"{path}:{line}: terms.files: cannot read {name}: {error}") from error
    terms = clean(found, shortest=1)[: named.limit]
    sources: list[AnyWatch] = []
    for number, watch in enumerate(plan.sources):
        if getattr(watch, "terms", None) == "plan":
            if not terms:
                line = line_of(("sources", number, "terms"), lines)
                raise PlanError(f"{path}:{line}: terms: plan, but the plan names no terms")
            watch = watch.model_copy(update={"terms": terms})  # noqa: PLW2901
        if getattr(watch, "folder", None):
            folder = path.parent / watch.folder  # type: ignore[union-attr]
            watch = watch.model_copy(update={"folder": str(folder)})  # noqa: PLW2901
        sources.append(watch)
    return plan.model_copy(update={"sources": sources})


def _told(path: Path, error: Any, lines: dict[Any, int]) -> str:
    line = line_of(error["loc"], lines) or 1
    place = place_of(error)
    return f"{path}:{line}: {place + ': ' if place else ''}{message_of(error, Plan)}"
