"""Public warnings: their draft, the look for personal data in them, and the feeds.  No web, no store."""
