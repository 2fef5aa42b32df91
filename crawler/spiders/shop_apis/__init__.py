"""Spiders of shops whose platform has an API."""
