"""Listings and decisions exported as training data."""
