"""The running service: requests, batches, the store behind its pages, a reviewer's work, the register."""
