"""Spiders for websites without an API: shops, classifieds, forums."""
