"""Spiders of websites without an API: shops, classifieds, forums."""
