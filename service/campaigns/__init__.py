"""Campaigns of near-duplicates: grouping listings, and what lets one decision count for many."""
