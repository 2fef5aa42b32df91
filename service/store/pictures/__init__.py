"""Pictures of listings, kept once by content hash, and what was read in them."""
