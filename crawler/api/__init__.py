"""Clients of the platforms' APIs: requests, paging, backoff, errors."""
