"""An office of reviewers over a store on each database, with cases to decide and a dealer that draws all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.store import Store
from service.store.cases.reviews import Decision
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.second_look.dealing import DealResult, Odds
from service.store.tables.blind_tables import SecondLook
from service.store.tables.core_tables import Review, Reviewer, Role
from tests.helpers.stored import record_review

TEXT = "รักษาเบาหวาน หายขาด สั่งวันนี้"


def chance(name: str) -> float:
    """Chance without a key, so that tests are predictable."""
    return 0.5


@dataclass
class Team:
    """The people and the store; ``assess`` stands where the model does."""

    store: Store
    assess: Callable[[Listing], Any]
    people: dict[str, Reviewer] = field(default_factory=dict)

    def join(self, name: str, role: Role = Role.REVIEWER) -> Reviewer:
        self.people[name] = self.store.users.create(name, "a long password", name.title(), role=role)
        return self.people[name]

    def add(self, name: str, text: str = TEXT) -> int:
        listing = Listing(id=name, description=text)
        number = self.store.deposit(listing, source="api:shop").listing_id
        self.store.assessments.record(number, self.assess(listing))
        return number

    def assessment_of(self, number: int) -> int:
        row = self.store.listing(number)
        assert row is not None
        assert row.assessment_id is not None
        return row.assessment_id

    def decide(self, name: str, number: int, decision: str = Verdict.PROHIBITED.value) -> Review:
        """A decision by hand; those against the listing confirm its claim, the others reject it."""
        against = decision in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT)
        choice: dict[str, Any] = {"confirmed" if against else "rejected": [0]}
        return record_review(self.store, self.assessment_of(number), self.people[name].id, decision, **choice)

    def read(self, name: str, number: int, decision: str = Verdict.CLEAR.value, last_seen: int = 0) -> Review:
        """A blind reading."""
        against = decision in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT)
        made = Decision(decision, (0,), ()) if against else Decision(decision, (), (0,))
        return self.store.readings.record(self.people[name].id, self.assessment_of(number), made, last_seen)

    def deal(self, looks: float = 1.0, golden: float = 0.0) -> DealResult:
        return self.store.deals.deal(Odds(looks, golden, chance))

    def blind(self, name: str) -> set[int]:
        return set(self.store.blinds.of(self.people[name].id))

    def downgrade(self, revision: str) -> None:
        config = Config()
        folder = resources.files("service.store").joinpath("migrations")
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        with self.store.database.connection() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, revision)

    def rows_of(self, name: str, **wanted: Any) -> list[tuple[int, CaseState]]:
        """Return the person's queue."""
        page = self.store.reviews.queue(QueueFilter(**wanted), self.people[name].id)
        return [(row.listing.id, row.state) for row in page.rows]

    def look(self) -> SecondLook:
        """The only second look there is."""
        with self.store.database.reading() as session:
            found = session.query(SecondLook).one()
            assert isinstance(found, SecondLook)
            return found

    def actions(self) -> list[str]:
        return [entry.action for entry in self.store.audit.entries(limit=1000)]


@pytest.fixture
def team(store: Store, assessor: Any) -> Team:
    found = Team(store, assessor.assess)
    found.join("nok")
    found.join("lek")
    found.join("mali", Role.LEAD)
    return found
