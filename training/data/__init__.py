"""Training data: real and written texts, augmentation, batches."""
