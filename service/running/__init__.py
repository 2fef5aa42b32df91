"""The processes that run: serving, worker, background jobs."""
