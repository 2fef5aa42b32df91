"""Exports undecided listings as drafts for annotators."""

from collections.abc import Iterator

from labels.annotation.drafts import draft
from labels.schema import REVIEW_PREFIX, Annotation, Assessment
from service.store import Store

SOURCE = "store"

_PAGE = 500


def unreviewed(store: Store) -> Iterator[tuple[Annotation, Assessment]]:
    """Yield each assessed listing without a decision on its present text, with its newest assessment.

    Ids are ``listing-NUMBER-DIGEST``; the group is that of the annotations made from reviews of the same
    listing, so that a split never separates them. Raises :class:`~service.store.database.errors.StoreError`.
    """
    after = 0
    while page := store.reviews.undecided(after, _PAGE):
        for listing, assessment in page:
            key = f"listing-{listing.id}-{listing.text_sha256[:8]}"
            renamed = assessment.model_copy(update={"id": key})
            group = f"{REVIEW_PREFIX}listing-{listing.id}"
            if listing.text.strip():
                yield draft(renamed, listing.text, listing.shape().platform, group, SOURCE), renamed
            after = listing.id
