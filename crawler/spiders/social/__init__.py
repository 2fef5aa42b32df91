"""Spiders of social networks and their advertising libraries, by API."""
