"""The page of a seller: a timeline over all their listings, and one decision for what waits."""
