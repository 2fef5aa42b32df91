"""Shared by the clients of the platforms' APIs: requests, paging, waiting, refusals."""
