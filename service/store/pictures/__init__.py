"""Pictures of listings, stored once by content hash, and the text read in them."""
