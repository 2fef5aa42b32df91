"""Structured product data in a page: JSON-LD, microdata, OpenGraph, and the state of its scripts."""
