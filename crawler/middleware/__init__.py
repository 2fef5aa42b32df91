"""Scrapy middleware and extensions."""
