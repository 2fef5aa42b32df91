"""Processes at runtime: server, worker, background jobs."""
