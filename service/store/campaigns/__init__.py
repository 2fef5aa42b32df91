"""Campaigns: near-duplicate listings and decisions on many at once."""
