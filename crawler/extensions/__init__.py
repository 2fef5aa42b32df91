"""Scrapy extensions: metrics, and the end of a crawl that is stuck or has no room on the disk."""
