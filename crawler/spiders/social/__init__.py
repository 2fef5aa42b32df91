"""Spiders for social networks and their ad libraries, through APIs."""
