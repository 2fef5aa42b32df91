"""Batches: a file of many listings is sent, done by the workers bit by bit, and its results are fetched."""
