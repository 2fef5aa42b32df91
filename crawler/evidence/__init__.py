"""Evidence: WARC files, their index and verification."""
