"""Public warnings: drafts, the search for personal data, and feeds.  Imports neither the web nor the store."""
