"""Texts: Thai calendar and words, differences, search words."""
