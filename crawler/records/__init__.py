"""Maps records of platforms' APIs and files to items, without network access."""
