"""Requests to time stamp authorities, and their queue."""
