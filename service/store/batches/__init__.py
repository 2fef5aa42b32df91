"""Batches: files of many listings."""
