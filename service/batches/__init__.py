"""Batches: an uploaded file of many listings, processed in chunks by the workers."""
