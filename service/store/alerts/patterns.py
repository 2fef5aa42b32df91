"""Sellers' patterns: published warnings whose listings share a contact or nearly the same words."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import aliased

from service.store.database.repository import Repository
from service.store.tables.alert_tables import AlertRow
from service.store.tables.campaign_tables import CampaignMember, SellerContact


class AlertPatternRepository(Repository):
    """Repository of patterns; none of its answers contains a contact."""

    def like(self, alert_ids: Collection[int]) -> dict[int, list[int]]:
        """The ids of the other published warnings of the same pattern, by warning, in their order.

        Withdrawn warnings belong to no pattern.
        """
        one, other = aliased(AlertRow), aliased(AlertRow)
        mine, theirs = aliased(SellerContact), aliased(SellerContact)
        in_one, in_other = aliased(CampaignMember), aliased(CampaignMember)
        published = (
            one.id.in_(alert_ids),
            one.withdrawn_at.is_(None),
            other.withdrawn_at.is_(None),
            other.id != one.id,
        )
        by_contact = (
            select(one.id, other.id)
            .join(mine, mine.listing_id == one.listing_id)
            .join(theirs, (theirs.kind == mine.kind) & (theirs.value == mine.value))
            .join(other, other.listing_id == theirs.listing_id)
            .where(*published)
        )
        by_words = (
            select(one.id, other.id)
            .join(in_one, in_one.listing_id == one.listing_id)
            .join(in_other, in_other.campaign_id == in_one.campaign_id)
            .join(other, other.listing_id == in_other.listing_id)
            .where(*published)
        )
        found: dict[int, set[int]] = {}
        with self.database.reading() as session:
            for query in (by_contact, by_words):
                for number, like in session.execute(query.distinct()):
                    found.setdefault(number, set()).add(like)
        return {number: sorted(others) for number, others in found.items()}

    def with_ids(self, alert_ids: Collection[int]) -> list[AlertRow]:
        """These warnings, newest number first."""
        query = select(AlertRow).where(AlertRow.id.in_(alert_ids))
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(AlertRow.year.desc(), AlertRow.serial.desc())))
