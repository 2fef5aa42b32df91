"""Training data: real and written texts, batches."""
