"""Product pages after the structure of real marketplaces and shops, with what each shows: built, not copied.

``python -m tests.crawler.market_pages`` prints how completely the crawler reads them, field by field; with names of
JSON Lines files, the pages show the texts of those listings.
"""
