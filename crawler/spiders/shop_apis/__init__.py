"""Spiders for shops whose platform has an API."""
