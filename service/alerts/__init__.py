"""Public warnings: drafts, the search for personal data, and feeds.  Imports no web framework or store."""
