"""Batches: a file of many listings is uploaded, processed in chunks by the workers, and its results are
fetched.
"""
